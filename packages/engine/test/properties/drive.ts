// Drives one task of scripted steps through the engine, transition by transition, with an operator who interferes, and asks
// the model after each of them.
import assert from 'node:assert/strict'
import type { TaskView } from '../../src/reports/task-view.ts'
import type { Stage } from '../scenarios/stage.ts'
import type { Act } from './acts.ts'
import type { Doors } from './doors.ts'
import type { Attempted } from './model.ts'
import type { OperatedModel } from './operated-model.ts'
import { Operator } from './operator.ts'
import type { ScriptedStep } from './oracle.ts'

export interface Plan {
  readonly steps: readonly ScriptedStep[]
  readonly slots: number
  /** Decides what happens next: which running steps end together, or that time passes. Repeated as needed. */
  readonly choices: readonly number[]
}

export interface DriveParts {
  readonly set: Stage
  readonly doors: Doors
  readonly plan: Plan
  readonly model: OperatedModel
  readonly acts: readonly Act[]
  /** Invariants of this task that do not hold, in words. */
  readonly violations: (taskId: string) => Promise<readonly string[]>
}

/** One run, driven step by step; the model is asked after every transition. */
export class Drive {
  readonly #parts: DriveParts
  readonly #operator: Operator
  readonly #acts: Act[]
  #slots: number
  #seenClaims = 0
  peak = 0
  widest = 0

  constructor(parts: DriveParts) {
    this.#parts = parts
    this.#operator = new Operator(parts.set, parts.model)
    this.#slots = parts.plan.slots
    this.#acts = parts.acts.toSorted((a, b) => a.turn - b.turn)
  }

  async toEnd(): Promise<TaskView> {
    const { model, plan } = this.#parts
    for (let turn = 0; ; turn += 1) {
      await this.#check()
      await this.#actUntil(turn)
      if (model.isOver) break
      await this.#move(plan.choices[turn % plan.choices.length] ?? 0)
    }
    await this.#openLateDoors()
    return this.#check()
  }

  /** The acts of turn 0, before there is a worker. */
  async actBeforeWork(): Promise<void> {
    this.#slots = 0
    await this.#check()
    await this.#actUntil(0)
    this.#slots = this.#parts.plan.slots
  }

  /** The acts up to this turn; once the task is over, all that are left, as they may revive it. */
  async #actUntil(turn: number): Promise<void> {
    const { model, violations } = this.#parts
    while (model.isOver || (this.#acts[0]?.turn ?? Number.POSITIVE_INFINITY) <= turn) {
      const act = this.#acts.shift()
      if (act === undefined) break
      await this.#operator.act(act)
      await this.#check()
      assert.deepEqual(await violations(model.taskId), [])
    }
  }

  async #move(choice: number): Promise<void> {
    const { model, set } = this.#parts
    const { running, nextDueMs } = model
    if (running.length === 0 && model.isHeldNow) {
      await this.#operator.resume()
      return
    }
    const isLater = nextDueMs !== null && nextDueMs > set.clock.nowMs()
    if (running.length === 0 || (choice % 5 === 0 && isLater)) {
      await set.clock.advanceTo(new Date(nextDueMs ?? set.clock.nowMs()))
      set.tasker.worker.wake()
      return
    }
    const count = 1 + (choice % 3)
    const ending = [...running, ...running]
      .slice(choice % running.length)
      .slice(0, Math.min(count, running.length))
    await this.#end(ending)
  }

  /** Opens these doors together, and waits for what the handlers then do. */
  async #end(ending: readonly Attempted[]): Promise<void> {
    const { doors, model, set } = this.#parts
    for (const attempted of ending) {
      assert.deepEqual(doors.seenBy(model.taskId, attempted), model.parentResults(attempted.name))
      doors.open(model.taskId, attempted)
    }
    for (const { name, claimNo, outcome: scripted } of ending) {
      const event =
        ({ ok: 'step.completed', wait: 'step.waiting' } as const)[scripted.kind as 'ok'] ??
        'step.failed' // others fail
      await set.events.until(
        event,
        (payload) =>
          payload.taskId === model.taskId &&
          payload.stepName === name &&
          payload.claimNo === claimNo,
      )
      model.finish(name, set.clock.nowMs())
    }
  }

  /** Handlers that were called off and go on: what they return is refused, whatever became of the step. */
  async #openLateDoors(): Promise<void> {
    const { doors, model, set } = this.#parts
    for (const attempted of model.calledOff) doors.open(model.taskId, attempted)
    for (const { name, claimNo, outcome } of model.calledOff) {
      if (outcome.kind !== 'ok') continue
      await set.events.until(
        'step.outcome_refused',
        (payload) =>
          payload.taskId === model.taskId &&
          payload.stepName === name &&
          payload.claimNo === claimNo,
      )
    }
  }

  /** Lets calls end, takes over what was claimed, and compares everything that can be compared. */
  async #check(): Promise<TaskView> {
    const { model, set } = this.#parts
    const nowMs = set.clock.nowMs()
    await set.tasker.worker.settled()
    const ready = model.readiness(nowMs).filter(({ isReady }) => isReady).length
    const able = model.running.length + ready
    this.#takeClaims()
    assert.equal(model.running.length, Math.min(this.#slots, able), 'as much runs as may')
    assert.equal(set.tasker.worker.runningCount, model.running.length)
    this.peak = Math.max(this.peak, model.running.length)
    this.widest = Math.max(this.widest, able)

    const task = await set.tasker.tasks.get(model.taskId)
    const actual = task.steps.map((step) => ({
      name: step.name,
      state: step.state,
      isReady: step.isReady,
      blockedBy: step.blockedBy,
      attempts: step.attempts,
      retryLimit: step.retryLimit,
      waits: step.waits,
      completedParents: step.completedParents,
      nextRetryAt: step.nextRetryAt,
      result: step.result,
    }))
    assert.deepEqual(actual, model.readiness(nowMs))
    assert.deepEqual([task.state, task.isHeld], [model.taskState, model.isShownHeld])
    return task
  }

  #takeClaims(): void {
    const { model, set } = this.#parts
    const claims = set.events
      .of('step.execution_requested')
      .filter(({ taskId }) => taskId === model.taskId)
    const wrong = claims
      .slice(this.#seenClaims)
      .map(({ stepName, claimNo }) => model.claim(stepName, claimNo, set.clock.nowMs()))
    assert.deepEqual(
      wrong.filter((fault) => fault !== null),
      [],
    )
    this.#seenClaims = claims.length
  }
}
