// Result transformers: what a handler returns goes through a pipeline before it is stored: here one that takes secrets out
// and one that adds measures. A transformer is a function, so it stands around a function and in a class alike.
import { defineTask, StepHandler, type Json, type JsonObject, type StepView } from '@tasker/engine'
import { runAlone } from './run-alone.ts'

export type Transformer = (result: JsonObject) => JsonObject

const secretKeys: readonly string[] = ['password', 'api_key', 'secret_token']

/** Takes secrets out, however deep they are. */
export const withoutSecrets: Transformer = (result) => {
  const clean = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(clean)
    return typeof value === 'object' && value !== null ? withoutSecrets(value as JsonObject) : value // no array
  }
  const kept = Object.entries(result).filter(([key]) => !secretKeys.includes(key))
  return Object.fromEntries(kept.map(([key, value]) => [key, clean(value)]))
}

export const withMeasures: Transformer = (result) => ({
  ...result,
  measures: { records: Array.isArray(result['records']) ? result['records'].length : 0 },
})

export const pipeline =
  (...transformers: readonly Transformer[]): Transformer =>
  (result) =>
    transformers.reduce((output, transform) => transform(output), result)

/** Classes override `processResults`: `process` stays about its work. */
abstract class Transforming extends StepHandler<JsonObject> {
  protected abstract readonly transform: Transformer

  override processResults(step: StepView, output: unknown): void {
    step.results = this.transform(output as JsonObject) // what process returned
  }
}

const imported = { records: ['a', 'b'], source: { url: 'ftp://files', password: 'hush' } }

class Import extends Transforming {
  protected override readonly transform = pipeline(withoutSecrets, withMeasures)

  override async process() {
    return imported
  }
}

export const imports = defineTask({ namespace: 'patterns', name: 'imports' })
  .step('by_class', {}, Import)
  .step('by_function', async () => pipeline(withoutSecrets, withMeasures)(imported))

await runAlone(import.meta, { definitions: [imports] }, async (tasker) => {
  const { taskId } = await tasker.tasks.create(imports, { context: {} })
  const { results } = await tasker.tasks.waitFor(taskId)
  for (const [step, result] of Object.entries(results)) console.log(step, JSON.stringify(result))
  // prints: by_class {"source":{"url":"ftp://files"},"records":["a","b"],"measures":{"records":2}}
  // prints: by_function {"source":{"url":"ftp://files"},"records":["a","b"],"measures":{"records":2}}
})
