// The custom events that definitions and event files declare: each name once, with those that may publish it.
import type { JsonObject } from '../json.ts'
import type { EventOfFile } from './event-files.ts'
import { formatAddress } from './names.ts'
import type { DefinitionRegistry } from './registry.ts'

export interface DeclaredEvent {
  readonly name: string
  readonly description: string
  /** `namespace/task@version step` of each step that declares it, and whom its file names. */
  readonly firedBy: readonly string[]
  /** JSON Schema of what is published; null: any object. */
  readonly payloadSchema: JsonObject | null
}

/** What a file says counts; where several steps describe one, the first description. */
export function declaredEvents(
  registry: DefinitionRegistry,
  files: readonly EventOfFile[],
): readonly DeclaredEvent[] {
  const byName = new Map<string, DeclaredEvent>()
  for (const { name, description, firedBy, payloadSchema } of files)
    byName.set(name, { name, description, firedBy, payloadSchema })
  for (const definition of registry.list()) {
    for (const step of definition.steps) {
      const firedBy = `${formatAddress(definition)} ${step.name}`
      for (const { name, description } of step.customEvents) {
        const known = byName.get(name) ?? { name, description, firedBy: [], payloadSchema: null }
        byName.set(name, { ...known, firedBy: [...known.firedBy, firedBy] })
      }
    }
  }
  return [...byName.values()]
}
