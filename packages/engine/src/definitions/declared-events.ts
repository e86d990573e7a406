// The custom events that definitions declare: each name once, with the steps that may publish it.
import { formatAddress } from './names.ts'
import type { DefinitionRegistry } from './registry.ts'

export interface DeclaredEvent {
  readonly name: string
  readonly description: string
  /** `namespace/task@version step` of each step that declares it. */
  readonly firedBy: readonly string[]
}

/** Where several steps describe one, the first description counts. */
export function declaredEvents(registry: DefinitionRegistry): readonly DeclaredEvent[] {
  const byName = new Map<string, DeclaredEvent>()
  for (const definition of registry.list()) {
    for (const step of definition.steps) {
      const firedBy = `${formatAddress(definition)} ${step.name}`
      for (const { name, description } of step.customEvents) {
        const known = byName.get(name) ?? { name, description, firedBy: [] }
        byName.set(name, { ...known, firedBy: [...known.firedBy, firedBy] })
      }
    }
  }
  return [...byName.values()]
}
