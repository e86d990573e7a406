// Does to the engine what an act asks, and compares its answer with the model's: refusals change nothing and say what is
// allowed, the others answer with every step they moved.
import assert from 'node:assert/strict'
import { TaskerError } from '../../src/errors.ts'
import type { TaskState } from '../../src/states.ts'
import type { Operation } from '../../src/tasks/operate-in-bulk.ts'
import { movesOfStep, movesOfTask } from '../../src/tasks/operator-order.ts'
import type { Stage } from '../scenarios/stage.ts'
import { orderOf, type Act, type Order } from './acts.ts'
import type { Moved, OperatedModel, Verdict } from './operated-model.ts'

/** Legal, but there may be nothing for them to find: a time that has come, a limit that is too low. */
const mayFindNothing: readonly string[] = ['retry', 'retry_now', 'wake', 'set_retry_limit']

const signature = { actor: 'rescue team', reason: 'as drawn' }

export class Operator {
  readonly #set: Stage
  readonly #model: OperatedModel

  constructor(set: Stage, model: OperatedModel) {
    this.#set = set
    this.#model = model
  }

  async act(act: Act): Promise<void> {
    const order = orderOf(act, this.#model)
    if (order === null) return
    const before = this.#model.taskState
    const verdict = this.#verdictOn(order)
    if (act.isLegal && verdict.is === 'refused') assert.ok(mayFindNothing.includes(order.action))
    if (!act.isLegal) assert.equal(verdict.is, 'refused', 'the tables allow what is done')
    if (verdict.is === 'refused') await this.#expectRefusal(order, verdict.steps)
    else this.#compare(await this.#carryOut(order), verdict, before)
  }

  /** Nothing runs because the task is held. */
  async resume(): Promise<void> {
    this.#model.act(
      { action: 'resume', steps: null, attempts: 1, limit: 1, result: null },
      this.#nowMs,
    )
    await this.#set.tasker.tasks.resume(this.#model.taskId, signature)
  }

  get #nowMs(): number {
    return this.#set.clock.nowMs()
  }

  // A rerun is only drawn for a task that goes on: see Order.
  #verdictOn(order: Order): Verdict {
    return order.action === 'rerun'
      ? { is: 'refused', steps: null }
      : this.#model.act(order, this.#nowMs)
  }

  async #expectRefusal(order: Order, steps: readonly string[] | null): Promise<void> {
    const { tasks } = this.#set.tasker
    const { taskId, taskState, standings } = this.#model
    const refused = standings
      .filter(({ name }) => steps?.includes(name))
      .map(({ name, state, isScheduled }) => ({
        step: name,
        state,
        allowed: movesOfStep(state, { taskState, isScheduled }),
      }))
    const { length } = await tasks.history(taskId)
    await assert.rejects(this.#carryOut(order), (error: unknown) => {
      assert.ok(error instanceof TaskerError)
      const { state, allowed = null, steps: named = [] } = error.details ?? {}
      assert.deepEqual(
        { code: error.code, state, allowed, named: sortedBySteps(named) },
        {
          code: 'MOVE_NOT_ALLOWED',
          state: taskState,
          allowed: steps === null ? movesOfTask(taskState) : null,
          named: sortedBySteps(refused),
        },
      )
      return true
    })
    assert.equal((await tasks.history(taskId)).length, length, 'nothing was done')
  }

  async #carryOut(order: Order): Promise<Operation | null> {
    const { tasks } = this.#set.tasker
    const { taskId } = this.#model
    if (order.action === 'rerun') {
      await tasks.rerun(taskId, signature)
      return null
    }
    const { action, steps, attempts, limit, result } = order
    const step = steps ?? undefined
    switch (action) {
      case 'cancel':
        return tasks.cancel(taskId, { ...signature, step })
      case 'retry':
        return tasks.retry(taskId, { ...signature, step, attempts })
      case 'retry_now':
        return tasks.retryNow(taskId, { ...signature, step })
      case 'wake':
        return tasks.wake(taskId, { ...signature, step })
      case 'resolve':
        return tasks.resolve(taskId, { ...signature, step, ...(steps === null ? {} : { result }) })
      case 'skip':
        return tasks.skip(taskId, { ...signature, step })
      case 'set_retry_limit':
        return tasks.setRetryLimit(taskId, { ...signature, step: steps ?? [], limit })
      case 'hold':
        return tasks.hold(taskId, signature)
      case 'resume':
        return tasks.resume(taskId, signature)
      default:
        return action satisfies never
    }
  }

  #compare(operation: Operation | null, verdict: Verdict, before: TaskState): void {
    assert.ok(operation !== null)
    const { from, state, isChanged, isHeld, steps } = operation
    assert.deepEqual(
      { from, state, isChanged, isHeld },
      {
        from: before,
        state: this.#model.taskState,
        isChanged: verdict.is === 'done',
        isHeld: this.#model.isHeldNow,
      },
    )
    const expected = verdict.is === 'done' ? verdict.moved : []
    assert.deepEqual(steps.map(asMoved).toSorted(byStep), expected.toSorted(byStep))
  }
}

const asMoved = ({ step, from, to, by }: Moved): Moved => ({ step, from, to, by })
const byStep = (a: Moved, b: Moved): number => (a.step < b.step ? -1 : 1)
const sortedBySteps = (steps: unknown): unknown[] =>
  (steps as { step: string }[]).toSorted((a, b) => (a.step < b.step ? -1 : 1)) // of a refusal
