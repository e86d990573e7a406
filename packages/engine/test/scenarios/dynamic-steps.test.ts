// Steps made from the context, and class handlers with their hooks, end to end.
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defineTask } from '../../src/definitions/builder.ts'
import type { JsonObject } from '../../src/json.ts'
import {
  StepHandler,
  type StepSequence,
  type StepView,
  type TaskView,
} from '../../src/definitions/step-handler.ts'
import {
  TaskHandler,
  type AnnotatedTask,
  type CompletedSequence,
  type PlannedStep,
  type PlannedTask,
} from '../../src/definitions/task-handler.ts'
import { databaseForFile } from '../support/database.ts'
import { attemptsOf, failsTimes, statesOf } from './handlers.ts'
import { stage } from './stage.ts'

const database = databaseForFile()

describe('steps generated from the context', () => {
  const batch = defineTask({ name: 'batch', context: z.object({ numbers: z.array(z.int()) }) })
    .step('open', async () => 10)
    .expand(
      'square',
      { dependsOn: ['open'] },
      (context) => context.numbers.map((number) => ({ key: String(number), inputs: { number } })),
      async ({ inputs, results }) => inputs.number ** 2 + results.open,
    )
    .step('sum', { dependsOn: ['square'] }, async ({ results }) =>
      Object.values(results.square).reduce((total, value) => total + value, 0),
    )

  test.each<[readonly number[], number]>([
    [[1, 2, 3], 44],
    [[7], 59],
    [[], 0],
  ])(
    '%j: each item has a step of its own, and their results are collected by key',
    async (numbers, sum) => {
      const { tasker, run } = await stage(database.url, { definitions: [batch] })
      const { taskId } = await tasker.tasks.create(batch, { context: { numbers: [...numbers] } })
      const task = await run(taskId)
      expect(task.state).toBe('complete')
      expect(task.steps.map(({ name }) => name)).toEqual([
        'open',
        ...numbers.map((number) => `square[${number}]`),
        'sum',
      ])
      expect(task.results['sum']).toBe(sum)
    },
  )

  test('two tasks of one definition have different graphs at the same time', async () => {
    const { tasker, run } = await stage(database.url, { definitions: [batch] })
    const [one, two] = await tasker.tasks.createMany([
      { definition: batch, context: { numbers: [1] } },
      { definition: batch, context: { numbers: [2, 3, 4, 5] } },
    ])
    expect((await run(one?.taskId ?? '')).steps).toHaveLength(3)
    expect((await run(two?.taskId ?? '')).steps).toHaveLength(6)
  })

  test('items may wait for one another', async () => {
    const order: string[] = []
    const definition = defineTask({ name: 'ordered_items' }).expand(
      'item',
      {},
      () =>
        ['c', 'b', 'a'].map((key) => ({
          key,
          inputs: null,
          after: key === 'c' ? ['b'] : key === 'b' ? ['a'] : [],
        })),
      async ({ stepName }) => void order.push(stepName),
    )
    const { tasker, run } = await stage(database.url, { definitions: [definition] })
    expect((await run((await tasker.tasks.create(definition, { context: {} })).taskId)).state).toBe(
      'complete',
    )
    expect(order).toEqual(['item[a]', 'item[b]', 'item[c]'])
  })

  test.each<[string, () => readonly { key: string; inputs: unknown; after?: readonly string[] }[]]>(
    [
      [
        'a key twice',
        () => [
          { key: 'a', inputs: 1 },
          { key: 'a', inputs: 2 },
        ],
      ],
      [
        'a cycle',
        () => [
          { key: 'a', inputs: 1, after: ['b'] },
          { key: 'b', inputs: 2, after: ['a'] },
        ],
      ],
      ['an unknown key', () => [{ key: 'a', inputs: 1, after: ['z'] }]],
      ['inputs that cannot be stored', () => [{ key: 'a', inputs: 'x\0' }]],
      [
        'too many',
        () => Array.from({ length: 10_001 }, (_, index) => ({ key: String(index), inputs: 0 })),
      ],
      [
        'a generator that throws',
        () => {
          throw new Error('no')
        },
      ],
    ],
  )('%s is refused when the task is created, and nothing is stored', async (what, items) => {
    const name = `bad_items_${what.replaceAll(/\W+/g, '_')}`
    const definition = defineTask({ name }).expand('item', {}, items, async () => null)
    const { tasker } = await stage(database.url, { definitions: [definition] })
    await expect(tasker.tasks.create(definition, { context: {} })).rejects.toMatchObject({
      name: expect.any(String) as unknown,
    })
    expect((await tasker.tasks.find({ name })).tasks).toEqual([])
  })
})

describe('class handlers', () => {
  class Fetch extends StepHandler {
    override process(task: TaskView): JsonObject {
      return { cart: { id: task.context['cart_id'] ?? null, items: [1, 2] } }
    }
  }

  class Price extends StepHandler {
    override process(_task: TaskView, sequence: StepSequence, step: StepView): void {
      const cart = this.getPreviousStepData(sequence, 'fetch', 'cart')
      if (step.attempt === 1) throw new Error('the price list is being loaded')
      step.results = { cart, currency: this.config?.['currency'] ?? null }
    }
  }

  class Announce extends StepHandler {
    static override customEventConfiguration() {
      return [{ name: 'order.priced', description: 'the price is known' }]
    }

    override process(): string {
      this.publishCustomEvent('order.priced', { attempt: 1 })
      return 'announced'
    }

    override processResults(step: StepView, output: unknown): void {
      step.results = { output, translated: true }
    }
  }

  class OrderHandler extends TaskHandler {
    static override readonly taskName = 'class_order'
    static override readonly namespaceName = 'shop'
    static override readonly version = '1.2.3'
    static override readonly stepTemplates = [
      { name: 'fetch', handlerClass: Fetch },
      {
        name: 'price',
        dependsOnStep: 'fetch',
        handlerClass: Price,
        handlerConfig: { currency: 'EUR' },
      },
      { name: 'announce', dependsOnSteps: ['price'], handlerClass: Announce },
      { name: 'audit', handlerClass: failsTimes(1) },
    ]

    override schema(): unknown {
      return { type: 'object', required: ['cart_id'], properties: { cart_id: { type: 'integer' } } }
    }

    override establishStepDependenciesAndDefaults(
      task: PlannedTask,
      steps: readonly PlannedStep[],
    ): void {
      if (task.context['audited'] !== true) return
      const audit = steps.find(({ name }) => name === 'audit')
      audit?.addDependency('announce')
      audit?.update({ retryLimit: 1 })
    }

    override updateAnnotations(task: AnnotatedTask, sequence: CompletedSequence): void {
      const results = sequence.findStepByName('announce')?.results ?? null
      task.annotations.create({
        annotationType: 'order',
        content: { taskId: task.taskId, results },
      })
    }
  }

  test('run end to end: config, previous results, own results, custom events, annotations', async () => {
    const { tasker, events, run } = await stage(database.url, { definitions: [OrderHandler] })
    const { taskId } = await tasker.tasks.create('shop/class_order', { context: { cart_id: 5 } })
    const task = await run(taskId)
    expect(task).toMatchObject({ state: 'complete', namespace: 'shop', version: '1.2.3' })
    expect(task.results).toMatchObject({
      fetch: { cart: { id: 5, items: [1, 2] } },
      price: { cart: { id: 5, items: [1, 2] }, currency: 'EUR' },
      announce: { output: 'announced', translated: true },
    })
    expect(attemptsOf(task)).toEqual({ fetch: 1, price: 2, announce: 1, audit: 2 })
    expect(events.of('custom')).toMatchObject([
      { name: 'order.priced', stepName: 'announce', payload: { attempt: 1 } },
    ])
    expect(task.annotations).toMatchObject([
      { type: 'order', annotation: { taskId, results: { output: 'announced', translated: true } } },
    ])
  })

  test('adjust the steps of one task to its context, and of no other', async () => {
    const { tasker, run } = await stage(database.url, { definitions: [OrderHandler] })
    const audited = await tasker.tasks.create('shop/class_order', {
      context: { cart_id: 5, audited: true },
    })
    const task = await run(audited.taskId)
    expect(statesOf(task)).toMatchObject({ announce: 'complete', audit: 'error' })
    expect(task.steps.find(({ name }) => name === 'audit')).toMatchObject({
      retryLimit: 1,
      totalParents: 1,
    })
    const usual = await tasker.tasks.create('shop/class_order', { context: { cart_id: 6 } })
    expect(
      (await tasker.tasks.get(usual.taskId)).steps.find(({ name }) => name === 'audit'),
    ).toMatchObject({ retryLimit: 3, totalParents: 0 })
    await run(usual.taskId)
  })

  test('refuse a context that does not match the schema hook', async () => {
    const { tasker } = await stage(database.url, { definitions: [OrderHandler], isWorking: false })
    await expect(
      tasker.tasks.create('shop/class_order', { context: { cart_id: 'five' } }),
    ).rejects.toMatchObject({
      code: 'CONTEXT_INVALID',
      message: expect.stringContaining('cart_id') as unknown,
    })
  })
})

describe('parents’ results', () => {
  test('above the cap are loaded when the step starts, and are the same', async () => {
    const big = 'x'.repeat(300_000)
    const lengths: number[] = []
    const definition = defineTask({ name: 'large_parents' })
      .expand(
        'part',
        {},
        () => Array.from({ length: 5 }, (_, index) => ({ key: String(index), inputs: index })),
        async ({ inputs }) => `${inputs}${big}`,
      )
      .step('join', { dependsOn: ['part'] }, async ({ results }) => {
        lengths.push(...Object.values(results.part).map((part) => part.length))
        return Object.keys(results.part).toSorted()
      })
    for (const parentResultsMaxBytes of [0, 1_048_576, 10_485_760]) {
      const { tasker, run } = await stage(database.url, {
        definitions: [definition],
        execution: { parentResultsMaxBytes },
      })
      const task = await run((await tasker.tasks.create(definition, { context: {} })).taskId)
      expect(task).toMatchObject({
        state: 'complete',
        results: { join: ['0', '1', '2', '3', '4'] },
      })
    }
    expect(lengths).toEqual(Array.from({ length: 15 }, () => 300_001))
  })
})
