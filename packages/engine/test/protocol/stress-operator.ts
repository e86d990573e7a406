// The operator of the stress test: does anything to any task at any moment, by a seeded generator, and lets everything run
// again when it stops. What is not legal is refused; that it is told so is for other tests.
import { holdNamespace, rerunTask } from '../../src/database/operate.ts'
import { newTaskId, type TaskId } from '../../src/ids.ts'
import { operatorActions, type OperatorAction } from '../../src/tasks/operator-order.ts'
import type { Connection } from './lab.ts'
import { operateAll } from './operator.ts'
import { pick, type Random } from './stress-worker.ts'

const byHand = '"by hand"'
/** Names of the stress test's steps. */
const stepNames = Array.from({ length: 8 }, (_, index) => `s${index}`)
const neverWhole: readonly OperatorAction[] = ['skip', 'set_retry_limit']
const alwaysWhole: readonly OperatorAction[] = ['hold', 'resume']

export class StressOperator {
  /** How often each thing was done to a task, so that a test can tell that it was. */
  readonly done = new Map<string, number>()
  readonly #on: Connection
  readonly #random: Random
  readonly #taskIds: TaskId[] = []

  constructor(on: Connection, random: Random) {
    this.#on = on
    this.#random = random
  }

  /** From now on it may do things to this task. */
  knows(taskId: TaskId): void {
    this.#taskIds.push(taskId)
  }

  /** One thing that an operator does. */
  async act(): Promise<void> {
    const dice = this.#random()
    if (dice < 0.05) await this.#holdAll(true)
    else if (dice < 0.12) await this.#holdAll(false)
    else if (dice < 0.2) await this.#rerun()
    else await this.#operate()
  }

  /** Nothing is held any more. */
  async letGo(): Promise<void> {
    await this.#holdAll(false)
    await operateAll(this.#on, 'resume', this.#taskIds)
  }

  async #operate(): Promise<void> {
    const action = pick(this.#random, operatorActions) ?? 'hold'
    const isWhole =
      alwaysWhole.includes(action) || (!neverWhole.includes(action) && this.#random() < 0.2)
    const share = this.#random() < 0.3 && !(isWhole && action === 'cancel') ? 0.5 : 0.1
    const taskIds = this.#taskIds.filter(() => this.#random() < share)
    const operated = await operateAll(this.#on, action, taskIds, {
      steps: isWhole ? null : stepNames.filter(() => this.#random() < 0.15),
      result: byHand,
      moreAttempts: 1 + Math.floor(this.#random() * 2),
      limit: 1 + Math.floor(this.#random() * 5),
      isTrial: this.#random() < 0.1,
      isWhole: this.#random() < 0.1,
    })
    for (const { steps } of operated) if (steps !== null) this.#count(action)
  }

  async #rerun(): Promise<void> {
    const taskId = pick(this.#random, this.#taskIds)
    if (taskId === undefined) return
    const asNew = newTaskId()
    const rerun = await rerunTask(this.#on.database, {
      taskId,
      newTaskId: asNew,
      from: stepNames.filter(() => this.#random() < 0.2),
      inputs: {},
      context: null,
      actor: 'ana',
      reason: 'stress',
      isTrial: false,
      now: null,
      traceParent: null,
    })
    if (rerun?.steps?.some(({ runs }) => runs) !== true) return
    this.knows(asNew)
    this.#count('rerun')
  }

  async #holdAll(isHeld: boolean): Promise<void> {
    const order = { namespace: 'protocol', isHeld, actor: 'ana', reason: 'stress', now: null }
    if ((await holdNamespace(this.#on.database, order)) === true)
      this.#count(isHeld ? 'namespace held' : 'namespace resumed')
  }

  #count(what: string): void {
    this.done.set(what, (this.done.get(what) ?? 0) + 1)
  }
}
