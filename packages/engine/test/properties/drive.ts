// Drives one task of scripted steps through the engine, transition by transition, and asks the model after each of them.
import assert from 'node:assert/strict'
import type { RunStep, StepExecution } from '../../src/definitions/model.ts'
import { PermanentError, RetryableError } from '../../src/errors.ts'
import type { TaskView } from '../../src/reports/task-view.ts'
import type { Stage } from '../scenarios/stage.ts'
import { Model, outcomeOf, type Outcome, type ScriptedStep } from './oracle.ts'

export interface Plan {
  readonly steps: readonly ScriptedStep[]
  readonly slots: number
  /** Decides what happens next: which running steps end together, or that time passes. Repeated as needed. */
  readonly choices: readonly number[]
}

/** Handlers wait at a door of their own, then do what their script says. */
export class Doors {
  readonly #open = new Map<string, () => void>()
  readonly #steps: ReadonlyMap<string, ScriptedStep>
  readonly #now: () => number

  constructor(steps: readonly ScriptedStep[], now: () => number) {
    this.#steps = new Map(steps.map((step) => [step.name, step]))
    this.#now = now
  }

  readonly handlerOf =
    (name: string): RunStep =>
    async (execution) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#open.set(`${name}/${execution.claimNo}`, resolve)
      await promise
      const step = this.#steps.get(name)
      return step === undefined ? null : this.#act(outcomeOf(step, execution.claimNo), execution)
    }

  open(name: string, claimNo: number): void {
    this.#open.get(`${name}/${claimNo}`)?.()
  }

  #act(scripted: Outcome, execution: StepExecution): unknown {
    switch (scripted.kind) {
      case 'ok':
        return { ok: true }
      case 'fail':
        throw new Error('as scripted')
      case 'permanent':
        throw new PermanentError('as scripted')
      case 'retry_after':
        throw new RetryableError('as scripted', { afterMs: scripted.ms })
      case 'wait':
        return execution.waitUntil(new Date(this.#now() + scripted.ms), 'as scripted')
      default:
        return scripted satisfies never
    }
  }
}

/** One run, driven step by step; the model is asked after every transition. */
export class Drive {
  readonly #set: Stage
  readonly #doors: Doors
  readonly #model: Model
  readonly #plan: Plan
  readonly #taskId: string
  #seenClaims = 0
  peak = 0
  widest = 0

  constructor(parts: { set: Stage; doors: Doors; plan: Plan; taskId: string }) {
    this.#set = parts.set
    this.#doors = parts.doors
    this.#plan = parts.plan
    this.#taskId = parts.taskId
    this.#model = new Model(parts.plan.steps, this.#nowMs)
  }

  async toEnd(): Promise<TaskView> {
    let turn = 0
    for (;;) {
      const task = await this.#check()
      if (this.#model.isOver) return task
      const choice = this.#plan.choices[turn % this.#plan.choices.length] ?? 0
      turn += 1
      await this.#move(choice)
    }
  }

  get #nowMs(): number {
    return this.#set.clock.nowMs()
  }

  async #move(choice: number): Promise<void> {
    const { running, nextDueMs } = this.#model
    const isLater = nextDueMs !== null && nextDueMs > this.#nowMs
    if (running.length === 0 || (choice % 5 === 0 && isLater)) {
      await this.#set.clock.advanceTo(new Date(nextDueMs ?? this.#nowMs))
      this.#set.tasker.worker.wake()
      return
    }
    const count = 1 + (choice % 3)
    const ending = [...running, ...running]
      .slice(choice % running.length)
      .slice(0, Math.min(count, running.length))
    for (const { name, claimNo } of ending) this.#doors.open(name, claimNo)
    for (const { name, claimNo, outcome: scripted } of ending) {
      const event =
        ({ ok: 'step.completed', wait: 'step.waiting' } as const)[scripted.kind as 'ok'] ??
        'step.failed' // others fail
      await this.#set.events.until(
        event,
        (payload) => payload.stepName === name && payload.claimNo === claimNo,
      )
      this.#model.finish(name, this.#nowMs)
    }
  }

  /** Lets calls end, takes over what was claimed, and compares everything that can be compared. */
  async #check(): Promise<TaskView> {
    await this.#set.tasker.worker.settled()
    const ready = this.#model.readiness(this.#nowMs).filter(({ isReady }) => isReady).length
    const able = this.#model.running.length + ready
    this.#takeClaims()
    assert.equal(
      this.#model.running.length,
      Math.min(this.#plan.slots, able),
      'as much runs as may',
    )
    assert.equal(this.#set.tasker.worker.runningCount, this.#model.running.length)
    this.peak = Math.max(this.peak, this.#model.running.length)
    this.widest = Math.max(this.widest, able)

    const task = await this.#set.tasker.tasks.get(this.#taskId)
    const actual = task.steps.map(
      ({ name, state, isReady, blockedBy, attempts, waits, completedParents, nextRetryAt }) => ({
        name,
        state,
        isReady,
        blockedBy,
        attempts,
        waits,
        completedParents,
        nextRetryAt,
      }),
    )
    assert.deepEqual(actual, this.#model.readiness(this.#nowMs))
    return task
  }

  #takeClaims(): void {
    const claims = this.#set.events.of('step.execution_requested')
    const wrong = claims
      .slice(this.#seenClaims)
      .map(({ stepName, claimNo }) => this.#model.claim(stepName, claimNo, this.#nowMs))
    assert.deepEqual(
      wrong.filter((fault) => fault !== null),
      [],
    )
    this.#seenClaims = claims.length
  }
}
