// Class handlers: the hooks of the developer guide, and how results are decided.
import { describe, expect, test } from 'vitest'
import { PermanentError } from '../../src/errors.ts'
import type { StepExecution } from '../../src/definitions/model.ts'
import {
  isStepHandlerClass,
  runHandlerClass,
  StepHandler,
  type StepHandlerClass,
  type StepSequence,
  type StepView,
  type TaskView,
} from '../../src/definitions/step-handler.ts'
import { executionOf } from './execution.ts'

const run = (Handler: StepHandlerClass, fields: Partial<StepExecution> = {}): Promise<unknown> =>
  runHandlerClass(Handler)(executionOf(fields).execution)

describe('results', () => {
  test('what process returns becomes the results', async () => {
    class Returns extends StepHandler {
      override async process() {
        return { status: 'done' }
      }
    }
    expect(await run(Returns)).toEqual({ status: 'done' })
  })

  test('results set in process win over what it returns', async () => {
    class Sets extends StepHandler {
      override async process(_task: TaskView, _sequence: StepSequence, step: StepView) {
        step.results = { order: 1 }
        return { raw: 'response' }
      }
    }
    expect(await run(Sets)).toEqual({ order: 1 })
  })

  test('results changed in place are seen, too', async () => {
    class Mutates extends StepHandler {
      override async process(_task: TaskView, _sequence: StepSequence, step: StepView) {
        Object.assign(step.results as object, { order: 1 }) // {} before process
        return { raw: 'response' }
      }
    }
    expect(await run(Mutates)).toEqual({ order: 1 })
  })

  test('processResults translates the output; it gets the results as they were before', async () => {
    class Translates extends StepHandler<{ body: string }> {
      override async process(_task: TaskView, _sequence: StepSequence, step: StepView) {
        step.results = { touched: true }
        return { body: '{"levels":[1]}' }
      }
      override processResults(step: StepView, output: { body: string }, initial: unknown) {
        const parsed: unknown = JSON.parse(output.body)
        step.results = { parsed, initial, before: step.results }
      }
    }
    expect(await run(Translates)).toEqual({
      parsed: { levels: [1] },
      initial: {},
      before: { touched: true },
    })
  })

  test('an error in process or processResults is the failure of the attempt', async () => {
    class Fails extends StepHandler {
      override process(): never {
        throw new PermanentError('declined', { code: 'DECLINED' })
      }
    }
    class FailsLate extends StepHandler {
      override async process() {
        return 1
      }
      override async processResults() {
        throw new Error('unreadable')
      }
    }
    await expect(run(Fails)).rejects.toThrow('declined')
    await expect(run(FailsLate)).rejects.toThrow('unreadable')
  })

  test('waiting passes through, whatever processResults does', async () => {
    class Waits extends StepHandler {
      override async process() {
        return this.execution.waitUntil(new Date(9), 'approval')
      }
      override processResults(step: StepView) {
        step.results = 'never'
      }
    }
    expect(await run(Waits)).toEqual({ kind: 'tasker.wait', at: new Date(9), reason: 'approval' })
  })
})

describe('what a handler reads', () => {
  class Reads extends StepHandler {
    override async process(task: TaskView, sequence: StepSequence, step: StepView) {
      return {
        task: task,
        step: { name: step.name, inputs: step.inputs, attempt: step.attempt },
        config: this.config,
        payment: sequence.findStepByName('pay')?.results ?? null,
        none: sequence.findStepByName('nope'),
        id: this.getPreviousStepData(sequence, 'pay', 'id'),
        missing: this.getPreviousStepData(sequence, 'pay', 'constructor'),
        whole: this.getPreviousStepData(sequence, 'pay'),
      }
    }
  }

  test('task, parents, step and configuration', async () => {
    const fields = {
      taskName: 'order',
      context: { id: 1 },
      results: { pay: { id: 'p1' } },
      config: { url: 'u' },
      inputs: { part: 2 },
      attempt: 2,
    }
    expect(await run(Reads, fields)).toEqual({
      task: {
        taskId: '0192d3a4-0000-7000-8000-000000000001',
        namespace: 'default',
        name: 'order',
        version: '0.1.0',
        context: { id: 1 },
      },
      step: { name: 'a_step', inputs: { part: 2 }, attempt: 2 },
      config: { url: 'u' },
      payment: { id: 'p1' },
      none: null,
      id: 'p1',
      missing: null,
      whole: { id: 'p1' },
    })
  })

  test('data of a step that is no parent fails for good and says what to declare', async () => {
    class Wrong extends StepHandler {
      override async process(_task: TaskView, sequence: StepSequence) {
        return this.getPreviousStepData(sequence, 'payy', 'id')
      }
    }
    const failure = await run(Wrong, { results: { pay: {} } }).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(PermanentError)
    expect(String(failure)).toContain(
      'Step "a_step" reads the results of "payy", which is not one of its dependencies ("pay"); ' +
        'did you mean "pay"? Add it to them.',
    )
  })

  test('custom events are published through the execution', async () => {
    class Publishes extends StepHandler {
      override async process() {
        this.publishCustomEvent('payment.processed', { amount: 1 })
        return null
      }
    }
    const { execution, published } = executionOf()
    await runHandlerClass(Publishes)(execution)
    expect(published).toEqual([{ eventName: 'payment.processed', payload: { amount: 1 } }])
  })

  test('every attempt has an object of its own', async () => {
    class Counts extends StepHandler {
      calls = 0
      override async process() {
        this.calls += 1
        return this.calls
      }
    }
    const handler = runHandlerClass(Counts)
    expect(await handler(executionOf().execution)).toBe(1)
    expect(await handler(executionOf().execution)).toBe(1)
  })
})

describe('classes of another family', () => {
  class Plain {
    readonly config: unknown
    constructor(config: unknown) {
      this.config = config
    }
    process(task: TaskView) {
      return { id: task.context['id'], config: this.config }
    }
  }

  test('any class with process runs', async () => {
    const fields = { context: { id: 4 }, config: { a: 1 } }
    expect(await run(Plain, fields)).toEqual({ id: 4, config: { a: 1 } })
  })

  test('functions are not taken for classes', () => {
    expect(isStepHandlerClass(Plain)).toBe(true)
    const functions = [() => 1, async () => 1, function named() {}, null, {}]
    expect(functions.map(isStepHandlerClass)).toEqual(functions.map(() => false))
  })
})
