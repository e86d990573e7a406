// Task handler classes: templates and the three hooks.
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { buildDefinition } from '../../src/definitions/build-definition.ts'
import { defineTask } from '../../src/definitions/builder.ts'
import { StepHandler } from '../../src/definitions/step-handler.ts'
import {
  TaskHandler,
  type AnnotatedTask,
  type CompletedSequence,
  type CompletedStep,
  type PlannedStep,
  type PlannedTask,
} from '../../src/definitions/task-handler.ts'
import { defineTaskFromClass, underscored } from '../../src/definitions/task-hooks.ts'
import { errorOf, faultsOf } from './errors.ts'

class Ok extends StepHandler {
  override async process() {
    return { ok: true }
  }
}

const templates = [
  { name: 'fetch', handlerClass: Ok },
  { name: 'pay', handlerClass: Ok, dependsOnStep: 'fetch', defaultRetryLimit: 5 },
  { name: 'ship', handlerClass: async () => 1, dependsOnSteps: ['fetch', 'pay'] },
]

class OrderHandler extends TaskHandler {
  static override readonly taskName = 'process_order'
  static override readonly namespaceName = 'shop'
  static override readonly version = '1.2.0'
  static override readonly stepTemplates = templates

  override schema() {
    return z.object({ id: z.number().int(), priority: z.string().default('standard') })
  }

  override establishStepDependenciesAndDefaults(task: PlannedTask, steps: readonly PlannedStep[]) {
    if (task.context['priority'] !== 'expedited') return
    steps.find((step) => step.name === 'pay')?.update({ retryLimit: 1, priority: 'critical' })
  }

  override async updateAnnotations(
    task: AnnotatedTask,
    sequence: CompletedSequence,
    steps: readonly CompletedStep[],
  ) {
    const paid = sequence.findStepByName('pay')
    task.annotations.create({
      annotationType: 'summary',
      content: { paid: paid?.results ?? null, steps: steps.length },
    })
  }
}

test('a class is a definition: name, version, steps, both spellings of dependencies', () => {
  const definition = buildDefinition(defineTaskFromClass(OrderHandler))
  expect(definition).toMatchObject({ namespace: 'shop', name: 'process_order', version: '1.2.0' })
  expect(definition.steps.map((step) => [step.name, step.dependsOn, step.retryLimit])).toEqual([
    ['fetch', [], 3],
    ['pay', ['fetch'], 5],
    ['ship', ['fetch', 'pay'], 3],
  ])
})

test('the name defaults to that of the class, underscored', () => {
  class HTTPOrderV2Handler extends TaskHandler {
    static override readonly stepTemplates = templates
  }
  expect(buildDefinition(defineTaskFromClass(HTTPOrderV2Handler))).toMatchObject({
    namespace: 'default',
    name: 'http_order_v2_handler',
    version: '0.1.0',
    planSteps: null,
    annotate: null,
    contextSchema: null,
  })
  expect(underscored('OrderHandler')).toBe('order_handler')
})

test('the schema of the class checks contexts', async () => {
  const { contextSchema } = buildDefinition(defineTaskFromClass(OrderHandler))
  const context = { id: 1, priority: 'standard' }
  expect(await contextSchema?.check({ id: 1 })).toEqual({ ok: true, context })
})

describe('dependencies and defaults per task', () => {
  const definition = buildDefinition(defineTaskFromClass(OrderHandler))

  test('a task that the hook leaves alone has the very steps of the definition', () => {
    expect(definition.planSteps?.({ id: 1 })).toBe(definition.steps)
  })

  test('what the hook changes holds for that task only', () => {
    const planned = definition.planSteps?.({ id: 1, priority: 'expedited' })
    expect(planned?.[1]).toMatchObject({ name: 'pay', retryLimit: 1, priority: 'critical' })
    expect(planned?.[0]).toBe(definition.steps[0])
    expect(definition.steps[1]).toMatchObject({ retryLimit: 5, priority: null })
  })

  test('the builder’s hook does the same, and sees generated steps too', () => {
    const source = defineTask({
      name: 'x',
      context: z.object({ parts: z.array(z.string()), isUrgent: z.boolean() }),
    })
      .step('first', { retry: { limit: 5 } }, () => 1)
      .expand(
        'part',
        {},
        ({ parts }) => parts.map((key) => ({ key, inputs: null })),
        () => 1,
      )
      .adjust(({ context }, steps) => {
        if (!context.isUrgent) return
        for (const step of steps) step.update({ retryLimit: 2, priority: 'high' })
      })
    const planned = (isUrgent: boolean) =>
      buildDefinition(source)
        .planSteps?.({ parts: ['a'], isUrgent })
        .map(({ name, retryLimit, priority }) => [name, retryLimit, priority])
    expect(planned(true)).toEqual([
      ['first', 2, 'high'],
      ['part[a]', 2, 'high'],
    ])
    expect(planned(false)).toEqual([
      ['first', 5, null],
      ['part[a]', 3, null],
    ])
  })

  const planWith = (hook: TaskHandler['establishStepDependenciesAndDefaults']) => {
    class Adjusted extends TaskHandler {
      static override readonly stepTemplates = templates
      override establishStepDependenciesAndDefaults(
        task: PlannedTask,
        steps: readonly PlannedStep[],
      ) {
        hook(task, steps)
      }
    }
    return buildDefinition(defineTaskFromClass(Adjusted)).planSteps?.({ id: 1 })
  }

  test('the hook may add dependencies', () => {
    const steps = planWith((_task, [fetch, , ship]) => {
      expect(fetch?.dependsOn).toEqual([])
      if (ship !== undefined) ship.dependsOn = ['pay']
    })
    expect(steps?.[2]?.dependsOn).toEqual(['pay'])
  })

  test('the hook sees the address and the context', () => {
    let seen: unknown = null
    planWith((task) => {
      seen = task
    })
    const address = { namespace: 'default', name: 'adjusted', version: '0.1.0' }
    expect(seen).toEqual({ ...address, context: { id: 1 } })
  })

  test('a cycle or a limit out of range that the hook makes is refused', () => {
    const error = errorOf(() =>
      planWith((_task, [fetch, pay]) => {
        fetch?.addDependency('ship')
        pay?.update({ retryLimit: 0 })
      }),
    )
    expect(error.code).toBe('DEFINITION_INVALID')
    expect(faultsOf(error)).toEqual([
      'steps.pay.retryLimit: expected an integer from 1 to 32767, received number 0',
      'steps: the dependencies form a cycle: fetch → ship → fetch',
    ])
  })

  test.each([
    ['that a step does not have', { retry_limit: 1 }, 'retry_limit'],
    ['that is the same for every task', { name: 'other' }, 'name'],
    ['that belongs to the definition', { handlerConfig: {} }, 'handlerConfig'],
  ])('setting something %s throws', (_what, change: object, key) => {
    expect(() => planWith((_task, [fetch]) => fetch?.update(change))).toThrow(key)
  })
})

describe('annotations', () => {
  test('the hook collects annotations', async () => {
    const definition = buildDefinition(defineTaskFromClass(OrderHandler))
    const annotations = await definition.annotate?.({
      taskId: 't',
      context: {},
      steps: [{ name: 'pay', state: 'complete', results: { amount: 5 } }],
    })
    expect(annotations).toEqual([
      { type: 'summary', annotation: { paid: { amount: 5 }, steps: 1 } },
    ])
  })
})

test('hooks under their old names are refused, all of them', () => {
  class Ported extends TaskHandler {
    static override readonly stepTemplates = templates
    static task_name = 'x'
    establish_step_dependencies_and_defaults() {}
    update_annotations() {}
  }
  expect(faultsOf(errorOf(() => buildDefinition(defineTaskFromClass(Ported))))).toEqual([
    'class: class Ported has task_name, which is not called; name it taskName',
    'class: class Ported has establish_step_dependencies_and_defaults, which is not called; ' +
      'name it establishStepDependenciesAndDefaults',
    'class: class Ported has update_annotations, which is not called; name it updateAnnotations',
  ])
})
