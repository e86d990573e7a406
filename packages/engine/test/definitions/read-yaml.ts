// Reads YAML in tests: the reader with defaults, and its faults with their places.
import { expect } from 'vitest'
import type { StepExecution, TaskDefinition } from '../../src/definitions/model.ts'
import { StepHandler } from '../../src/definitions/step-handler.ts'
import type { YamlOptions } from '../../src/definitions/yaml-definition.ts'
import { readDefinition } from '../../src/definitions/yaml-files.ts'
import { errorOf, faultsOf } from './errors.ts'
import { executionOf } from './execution.ts'

export class Ok extends StepHandler {
  override async process() {
    return { ok: true, config: this.config }
  }
}
export const ok = async () => ({ ok: true })

/** Lines as YAML, without the indentation of the test. */
export function yaml(text: string): string {
  const lines = text.replace(/^\n/, '').split('\n')
  const indent = Math.min(
    ...lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/)),
  )
  return lines.map((line) => line.slice(indent)).join('\n')
}

export const read = (text: string, options: Partial<YamlOptions> = {}): TaskDefinition =>
  readDefinition(yaml(text), 'order.yaml', { handlers: { Ok }, ...options })

/** `line:column path: message` of every fault. */
export function faultsIn(text: string, options: Partial<YamlOptions> = {}): readonly string[] {
  const error = errorOf(() => read(text, options))
  expect(error.code).toBe('YAML_INVALID')
  const places = error.details['faults'] as readonly { line: number; column: number }[] // of YAML
  return faultsOf(error).map((fault, index) => {
    const place = places[index]
    return `${place?.line}:${place?.column} ${fault}`
  })
}

export async function run(
  definition: TaskDefinition,
  name: string,
  fields: Partial<StepExecution> = {},
): Promise<unknown> {
  return definition.handlers[name]?.(executionOf(fields).execution)
}
