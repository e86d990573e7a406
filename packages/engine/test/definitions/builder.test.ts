// The fluent builder at run time: immutable chains, what handlers get, steps generated from the context, result
// schemas, class handlers. What must not compile is test/types.
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { PermanentError } from '../../src/errors.ts'
import { buildDefinition, type DefinitionSource } from '../../src/definitions/build-definition.ts'
import { defineTask } from '../../src/definitions/builder.ts'
import type { StepExecution } from '../../src/definitions/model.ts'
import {
  StepHandler,
  type StepSequence,
  type StepView,
  type TaskView,
} from '../../src/definitions/step-handler.ts'
import { errorOf, faultsOf } from './errors.ts'
import { executionOf } from './execution.ts'

const ok = async () => ({ ok: true })

/** Runs one step of a definition. */
async function run(
  source: DefinitionSource,
  handler: string,
  fields: Partial<StepExecution> = {},
): Promise<unknown> {
  const step = buildDefinition(source).handlers[handler]
  if (step === undefined) throw new Error(`no handler ${handler}`)
  return step(executionOf(fields).execution)
}

describe('chains', () => {
  test('a chain is a value: adding a step leaves the one it was added to as it was', () => {
    const start = defineTask({ name: 'x' }).step('a', ok)
    const left = start.step('left', ok)
    const right = start.step('right', ok)
    const names = [start, left, right].map((source) =>
      buildDefinition(source).steps.map((step) => step.name),
    )
    expect(names).toEqual([['a'], ['a', 'left'], ['a', 'right']])
  })

  test('writing a definition never throws; building it does', () => {
    const source = defineTask({ name: '' })
    expect(errorOf(() => buildDefinition(source)).code).toBe('DEFINITION_INVALID')
  })

  test('settings are taken when the chain begins, not when it is built', () => {
    const settings = { name: 'before' }
    const source = defineTask(settings).step('a', ok)
    settings.name = 'after'
    expect(buildDefinition(source).name).toBe('before')
  })

  test('every option of a step arrives in its settings', () => {
    const source = defineTask({ name: 'x' })
      .step('a', ok)
      .step(
        'b',
        {
          dependsOn: ['a'],
          retry: { limit: 5, retryable: false },
          timeoutMs: 1_000,
          priority: 'high',
          transaction: true,
          skippable: true,
          dependentSystem: 'bank',
          description: 'Charges',
          config: { url: 'https://bank.example' },
          customEvents: [{ name: 'payment.done', description: 'Paid' }],
        },
        ok,
      )
    expect(buildDefinition(source).steps[1]).toEqual({
      name: 'b',
      description: 'Charges',
      dependsOn: ['a'],
      handler: 'b',
      dependentSystem: 'bank',
      retryable: false,
      retryLimit: 5,
      skippable: true,
      timeoutMs: 1_000,
      priority: 'high',
      transaction: true,
      handlerConfig: { url: 'https://bank.example' },
      customEvents: [{ name: 'payment.done', description: 'Paid' }],
      inputs: null,
    })
  })
})

describe('handlers', () => {
  test('a handler gets context and results, and what it returns comes back', async () => {
    const source = defineTask({ name: 'x', context: z.object({ rate: z.number() }) })
      .step('load', async () => ({ total: 10 }))
      .step('charge', { dependsOn: ['load'] }, async ({ context, results }) => ({
        amount: results.load.total * context.rate,
      }))
    const given = { context: { rate: 2 }, results: { load: { total: 10 } } }
    expect(await run(source, 'charge', given)).toEqual({ amount: 20 })
  })

  test('a handler that is not async may throw and return all the same', async () => {
    const source = defineTask({ name: 'x' })
      .step('sync', () => 3)
      .step('throws', () => {
        throw new PermanentError('no')
      })
    expect(await run(source, 'sync')).toBe(3)
    await expect(run(source, 'throws')).rejects.toThrow(PermanentError)
  })

  test('waiting is not checked against the schema of the result', async () => {
    const source = defineTask({ name: 'x' }).step(
      'wait',
      { result: z.object({ id: z.string() }) },
      async ({ waitUntil }) => waitUntil(new Date(5), 'later'),
    )
    const outcome = { kind: 'tasker.wait', at: new Date(5), reason: 'later' }
    expect(await run(source, 'wait')).toEqual(outcome)
  })

  test('the annotations hook sees results by step name', async () => {
    const source = defineTask({ name: 'x' })
      .step('a', async () => ({ amount: 1_200 }))
      .annotate(async ({ results }) => [
        { type: 'total', annotation: { amount: results.a?.amount ?? 0 } },
      ])
    const annotations = await buildDefinition(source).annotate?.({
      taskId: 't',
      context: {},
      steps: [{ name: 'a', state: 'complete', results: { amount: 1_200 } }],
    })
    expect(annotations).toEqual([{ type: 'total', annotation: { amount: 1_200 } }])
  })
})

describe('steps generated from the context', () => {
  const context = z.object({ files: z.array(z.string()) })
  const source = defineTask({ name: 'batch', context })
    .step('split', async () => ({ size: 2 }))
    .expand(
      'chunk',
      { dependsOn: ['split'], retry: { limit: 5 } },
      ({ files }) => files.map((file) => ({ key: file, inputs: { file } })),
      async ({ inputs, results }) => ({ rows: inputs.file.length * results.split.size }),
    )
    .step('merge', { dependsOn: ['chunk'] }, async ({ results }) => results.chunk)
    .step('notify', { dependsOn: ['merge', 'split'] }, ok)

  const plan = (files: readonly string[], of: DefinitionSource = source) => {
    const definition = buildDefinition(of)
    const steps = definition.planSteps?.({ files }) ?? []
    return steps.map((step) => [step.name, step.dependsOn])
  }

  test('each item is a step; a step that depends on the expansion waits for all of them', () => {
    expect(plan(['a', 'b'])).toEqual([
      ['split', []],
      ['chunk[a]', ['split']],
      ['chunk[b]', ['split']],
      ['merge', ['chunk[a]', 'chunk[b]']],
      ['notify', ['merge', 'split']],
    ])
  })

  test('generated steps carry inputs, the settings of the expansion and its handler', () => {
    const [, first] = buildDefinition(source).planSteps?.({ files: ['a'] }) ?? []
    expect(first).toMatchObject({ handler: 'chunk', retryLimit: 5, inputs: { file: 'a' } })
  })

  test('with no items, children wait for what the expansion waits for', () => {
    expect(plan([])).toEqual([
      ['split', []],
      ['merge', ['split']],
      ['notify', ['merge', 'split']],
    ])
  })

  test('handlers get their inputs, and children the results by key', async () => {
    const chunk = { inputs: { file: 'abc' }, results: { split: { size: 2 } } }
    expect(await run(source, 'chunk', chunk)).toEqual({ rows: 6 })
    const results = { 'chunk[a]': { rows: 1 }, 'chunk[b[0]]': { rows: 2 }, 'chunks[c]': 9 }
    expect(await run(source, 'merge', { results })).toEqual({ a: { rows: 1 }, 'b[0]': { rows: 2 } })
    expect(await run(source, 'merge', { results: { split: 1 } })).toEqual({})
  })

  test('an execution that is an object with methods of its own still works in children', async () => {
    class Execution {
      #published: string[] = []
      results = { 'chunk[a]': 1 }
      publish(name: string) {
        this.#published.push(name)
      }
      get published() {
        return this.#published
      }
    }
    const publishing = defineTask({ name: 'x' })
      .expand(
        'chunk',
        {},
        () => [{ key: 'a', inputs: null }],
        async () => 1,
      )
      .step('merge', { dependsOn: ['chunk'] }, async ({ results, publish }) => {
        publish('merge.done', {})
        return results.chunk
      })
    const handler = buildDefinition(publishing).handlers['merge']
    const execution = new Execution()
    // Only the two members that the handler uses.
    expect(await handler?.(execution as unknown as StepExecution)).toEqual({ a: 1 })
    expect(execution.published).toEqual(['merge.done'])
  })

  test('items may wait for one another', () => {
    const ordered = defineTask({ name: 'x', context }).expand(
      'part',
      {},
      ({ files }) =>
        files.map((key, index) => ({ key, inputs: null, after: files.slice(0, index).slice(-1) })),
      ok,
    )
    expect(plan(['a', 'b', 'c'], ordered)).toEqual([
      ['part[a]', []],
      ['part[b]', ['part[a]']],
      ['part[c]', ['part[b]']],
    ])
  })

  test('an expansion may depend on another; an empty one in between is passed through', () => {
    const two = defineTask({ name: 'x', context })
      .step('root', ok)
      .expand('one', { dependsOn: ['root'] }, () => [], ok)
      .expand(
        'two',
        { dependsOn: ['one'] },
        ({ files }) => files.map((key) => ({ key, inputs: 0 })),
        ok,
      )
      .step('end', { dependsOn: ['two'] }, ok)
    expect(plan(['a'], two)).toEqual([
      ['root', []],
      ['two[a]', ['root']],
      ['end', ['two[a]']],
    ])
    expect(plan([], two)).toEqual([
      ['root', []],
      ['end', ['root']],
    ])
  })

  test('the annotations hook sees the results of an expansion by key', async () => {
    const annotated = source.annotate(async ({ results }) => [
      { type: 'chunks', annotation: { rows: results.chunk?.['a']?.rows ?? null } },
    ])
    const steps = [{ name: 'chunk[a]', state: 'complete', results: { rows: 3 } }]
    const annotations = await buildDefinition(annotated).annotate?.({
      taskId: 't',
      context: {},
      steps,
    })
    expect(annotations).toEqual([{ type: 'chunks', annotation: { rows: 3 } }])
  })

  test('10,000 items are planned; more are refused, when the task is created', () => {
    const wide = defineTask({ name: 'x', context }).expand(
      'part',
      {},
      ({ files }) => files.map((key) => ({ key, inputs: null })),
      ok,
    )
    const files = Array.from({ length: 10_001 }, (_, index) => `f${index}`)
    expect(plan(files.slice(1), wide)).toHaveLength(10_000)
    const error = errorOf(() => plan(files, wide))
    expect(error.code).toBe('DEFINITION_INVALID')
    expect(faultsOf(error)).toEqual(['steps: expected at most 10000 steps, received 10001'])
  })

  test('every fault of generated steps is named', () => {
    const items = [
      { key: 'a', inputs: { at: new Date(0) }, after: ['zz'] },
      { key: 'b', inputs: null, after: ['b'] },
      { key: 'c', inputs: null, after: ['d'] },
      { key: 'd', inputs: null, after: ['c'] },
    ]
    const faulty = defineTask({ name: 'x', context }).expand('part', {}, () => items, ok)
    expect(faultsOf(errorOf(() => plan([], faulty)))).toEqual([
      'steps.part[a].inputs/at: expected JSON, received an instance of Date',
      'steps.part[a].dependsOn: "part[zz]" is not a step of this task; did you mean "part[a]"?',
      'steps.part[b].dependsOn: depends on itself',
      'steps: the dependencies form a cycle: part[c] → part[d] → part[c]',
    ])
  })

  test.each([
    ['twice the same key', [{ key: 'a' }, { key: 'a' }], 'the key "a" is used twice'],
    ['an empty key', [{ key: '' }], 'key: expected a name, received ""'],
    ['a key that is too long', [{ key: 'k'.repeat(128) }], 'key: expected at most 128 characters'],
    ['no key', [{ inputs: 1 }], 'expected a key, received undefined'],
    ['no list', 'abc', 'expected a list of { key, inputs }, received "abc"'],
    ['no object', [7], 'expected { key, inputs }, received number 7'],
  ])('%s is refused', (_what, items, message) => {
    // What JavaScript callers can pass.
    const make = () => items as unknown as readonly { key: string; inputs: null }[]
    const faulty = defineTask({ name: 'x' }).expand('part', {}, make, ok)
    const [fault] = faultsOf(errorOf(() => buildDefinition(faulty).planSteps?.({})))
    expect(fault).toContain(`steps.part.items: ${message}`)
  })

  test('a generator that throws is named; its message, which may quote the context, is the cause only', () => {
    const faulty = defineTask({ name: 'x' }).expand(
      'part',
      {},
      () => {
        throw new Error('bad card 4111')
      },
      ok,
    )
    const error = errorOf(() => buildDefinition(faulty).planSteps?.({}))
    expect(error.message).toContain('The items of "part" in default/x@0.1.0')
    expect(error.message).not.toContain('4111')
    expect(String(error.cause)).toContain('4111')
  })

  test('a declared step may not have the name of a generated one', () => {
    const faulty = defineTask({ name: 'x' })
      .expand('part', {}, () => [], ok)
      .step('part[1]', ok)
    expect(faultsOf(errorOf(() => buildDefinition(faulty)))).toEqual([
      'steps.part[1].name: names that begin with "part[" are those of generated steps',
    ])
  })
})

describe('class handlers in the builder', () => {
  class Charge extends StepHandler<{ charged: number }> {
    static override customEventConfiguration() {
      return [{ name: 'payment.charged', description: 'Charged' }]
    }
    override process(task: TaskView, _sequence: StepSequence, _step: StepView) {
      return { charged: Number(task.context['amount']) * Number(this.config?.['rate']) }
    }
  }

  test('a class becomes a handler; its custom events join those of the step', async () => {
    const customEvents = [{ name: 'payment.seen', description: '' }]
    const source = defineTask({ name: 'x' }).step(
      'c',
      { config: { rate: 3 }, customEvents },
      Charge,
    )
    expect(buildDefinition(source).steps[0]?.customEvents.map((event) => event.name)).toEqual([
      'payment.charged',
      'payment.seen',
    ])
    const given = { context: { amount: 2 }, config: { rate: 3 } }
    expect(await run(source, 'c', given)).toEqual({ charged: 6 })
  })
})
