// The real side of the two-worker test: three connections, what each worker remembers, and the calls that are made of what was
// drawn. Judging the answers is left to turn.ts, reading the tables to compare.ts.
import {
  finishSteps,
  rescueSteps,
  settleTasks,
  type FinishCall,
  type StepOutcome,
} from '../../../src/database/steps.ts'
import { renewWorker } from '../../../src/database/workers.ts'
import type { CallId, DefinitionId, WorkerId } from '../../../src/ids.ts'
import {
  finishCall,
  outcomeOf,
  type Connection,
  type Lab,
  type StepRef,
} from '../../protocol/lab.ts'
import { operateAll } from '../../protocol/operator.ts'
import type { Answered, OperateOrder } from './calls.ts'
import type { ActorName, OperatorCall, TaskDrawn, WorkerCall } from './plan.ts'
import { byHand } from './rules-of-operators.ts'
import { create, empty, register, startMs } from './setting.ts'
import { claimKey, countedIn, leaseMs, lostLimit, newWorker, type World } from './world.ts'

/** What a worker remembers; it is not told what happened to its steps meanwhile. */
export interface Memory {
  readonly on: Connection
  workerId: WorkerId
  /** Given and not answered yet. */
  held: StepRef[]
  /** All that it was ever given, under any id. */
  all: StepRef[]
  calls: CallId[]
  last: FinishCall | null
  /** It was told that it was given up. */
  isLost: boolean
}

export type PreparedCall = () => Promise<Answered>

export class Bench {
  readonly lab: Lab
  readonly connections: Readonly<Record<ActorName, Connection>>
  readonly workers: Readonly<Record<Exclude<ActorName, 'operator'>, Memory>>
  readonly world: World
  readonly #definitions: readonly DefinitionId[]

  private constructor(parts: {
    readonly lab: Lab
    readonly connections: Bench['connections']
    readonly workers: Bench['workers']
    readonly world: World
    readonly definitions: readonly DefinitionId[]
  }) {
    this.lab = parts.lab
    this.connections = parts.connections
    this.workers = parts.workers
    this.world = parts.world
    this.#definitions = parts.definitions
  }

  /** Empty tables, these tasks, two live workers. */
  static async open(
    lab: Lab,
    connections: Bench['connections'],
    drawn: readonly TaskDrawn[],
  ): Promise<Bench> {
    await empty(lab)
    const world: World = {
      nowMs: startMs,
      tasks: await Promise.all(drawn.map((task) => create(lab, task))),
      workers: new Map(),
      receipts: new Map(),
      ended: new Map(),
      refused: new Set(),
    }
    const definitions = world.tasks.map(({ definitionId }) => definitionId as DefinitionId) // read from there
    const memory = async (on: Connection): Promise<Memory> => {
      const workerId = await register(on, definitions, world.nowMs)
      world.workers.set(workerId, newWorker(world))
      return { on, workerId, held: [], all: [], calls: [], last: null, isLost: false }
    }
    const workers = { one: await memory(connections.one), two: await memory(connections.two) }
    return new Bench({ lab, connections, workers, world, definitions })
  }

  get #now(): Date {
    return new Date(this.world.nowMs)
  }

  /** Null: there is nothing of that kind to do. */
  prepareWorker(memory: Memory, drawn: WorkerCall): PreparedCall | null {
    if (memory.isLost && ['claim', 'renew', 'rescue'].includes(drawn.is))
      return () => this.#register(memory)
    switch (drawn.is) {
      case 'claim':
        return this.#claim(memory, drawn)
      case 'finish': {
        const from = drawn.isStale ? memory.all : memory.held
        const steps = pickFrom(from, drawn.pick, drawn.also)
        if (steps.length === 0) return this.#claim(memory, drawn)
        const outcomes = steps.map((one) => this.#outcome(one, drawn))
        return this.#finish(memory, { outcomes, want: drawn.want, drawn })
      }
      case 'resend': {
        const { last } = memory
        return last === null ? null : () => this.send(memory, { ...last, now: this.#now }, false)
      }
      case 'renew':
        return () => this.renew(memory)
      case 'rescue':
        return async () => ({
          is: 'rescue',
          workerId: memory.workerId,
          mayTakeOver: true,
          reply: await rescueSteps(memory.on.database, {
            workerId: memory.workerId,
            leaseMs,
            mayTakeOver: true,
            lostLimit,
            receiptsMax: 100,
            now: this.#now,
          }),
        })
      case 'settle': {
        const [deadline] = memory.all.filter(({ stepNo }) => stepNo === -1).slice(-1)
        return deadline === undefined ? null : () => this.settle(memory.on, deadline)
      }
      case 'register':
        return () => this.#register(memory)
      default:
        return drawn.is satisfies never
    }
  }

  prepareOperator(on: Connection, drawn: OperatorCall): PreparedCall {
    const task = this.world.tasks[drawn.task % this.world.tasks.length]
    if (task === undefined) throw new Error('There is no task.')
    const { action, limit } = drawn
    const isOfTask = ['hold', 'resume'].includes(action)
    const isOfSteps = ['skip', 'set_retry_limit'].includes(action)
    const picked = pickFrom(countedIn(task), drawn.step ?? 0, drawn.also).map(
      ({ stepNo }) => stepNo,
    )
    const steps = isOfTask || (drawn.step === null && !isOfSteps) ? null : picked
    return this.operate(on, { taskId: task.taskId, action, steps, moreAttempts: 1, limit })
  }

  operate(on: Connection, order: OperateOrder): PreparedCall {
    return async () => {
      const steps = order.steps?.map((stepNo) => `s${stepNo}`) ?? null
      const [operated] = await operateAll(on, order.action, [order.taskId], {
        steps,
        result: JSON.stringify(byHand),
        moreAttempts: order.moreAttempts,
        limit: order.limit,
        isWhole: true,
        now: this.#now,
      })
      // What one refusal undid still says what it would have come to.
      const isChanged =
        operated !== undefined && operated.steps !== null && operated.refused.length === 0
      return { is: 'operate', order, isChanged, to: isChanged ? operated.to : null }
    }
  }

  async settle(on: Connection, deadline: StepRef): Promise<Answered> {
    const { taskId } = deadline
    const [settled] = await settleTasks(on.database, {
      taskIds: [taskId],
      state: 'error',
      actor: 'worker',
      reason: 'deadline_exceeded',
      now: this.#now,
    })
    return { is: 'settle', taskId, isSettled: settled?.isSettled === true }
  }

  /** `isReplyLost`: the worker does not learn what it was given. */
  async send(memory: Memory, call: FinishCall, isReplyLost: boolean): Promise<Answered> {
    const reply = await finishSteps(memory.on.database, call)
    memory.last = call
    memory.isLost ||= reply.isWorkerLost
    if (!isReplyLost) {
      const isOpen = (one: StepRef): boolean =>
        reply.unrecorded.some((told) => told.answer === 'busy' && claimKey(told) === claimKey(one))
      const sent = new Set(call.outcomes.filter((one) => !isOpen(one)).map(claimKey))
      memory.held = [...memory.held.filter((one) => !sent.has(claimKey(one))), ...reply.claims]
      memory.all.push(...reply.claims)
      memory.calls.push(call.callId)
    }
    return { is: 'finish', call, reply }
  }

  async #register(memory: Memory): Promise<Answered> {
    const workerId = await register(memory.on, this.#definitions, this.world.nowMs)
    Object.assign(memory, { workerId, held: [], calls: [], isLost: false })
    return { is: 'register', workerId }
  }

  async renew(memory: Memory): Promise<Answered> {
    const { workerId } = memory
    const [holding, calls] = [memory.all.map(asHeld), [...memory.calls]]
    const renewal = { workerId, leaseMs, slots: 10, holding, calls, now: this.#now }
    const reply = await renewWorker(memory.on.database, renewal)
    memory.isLost ||= !reply.isLive
    memory.held.push(...reply.handBack)
    memory.all.push(...reply.handBack)
    memory.calls.push(...reply.handBack.map(({ callId }) => callId))
    return { is: 'renew', workerId, holding, calls, reply }
  }

  #claim(memory: Memory, drawn: WorkerCall): PreparedCall {
    return this.#finish(memory, { outcomes: [], want: 1 + (drawn.want % 2), drawn })
  }

  #finish(
    memory: Memory,
    parts: {
      readonly outcomes: readonly StepOutcome[]
      readonly want: number
      readonly drawn: WorkerCall
    },
  ): PreparedCall {
    const { outcomes, want, drawn } = parts
    return () => {
      const lanes = this.#definitions.flatMap((lane) => [lane, -lane])
      const call = { outcomes, want, lanes, waits: drawn.waits, lostLimit, now: this.#now }
      return this.send(memory, finishCall(memory.workerId, call), drawn.isReplyLost)
    }
  }

  #outcome(one: StepRef, { kind }: Pick<WorkerCall, 'kind'>): StepOutcome {
    switch (kind) {
      case 'complete':
        return outcomeOf(one, { result: JSON.stringify(claimKey(one)) })
      case 'retryable':
        return outcomeOf(one, { kind: 'failed', delayMs: 5_000 })
      case 'permanent':
        return outcomeOf(one, { kind: 'failed' })
      case 'wait':
        return outcomeOf(one, { kind, runAt: new Date(this.world.nowMs + 5_000) })
      case 'release':
        return outcomeOf(one, { kind })
      default:
        return kind satisfies never
    }
  }
}

const asHeld = ({ taskId, stepNo, claimNo }: StepRef): StepRef => ({ taskId, stepNo, claimNo })

/** One or two, the newest for 0. */
function pickFrom<T>(from: readonly T[], pick: number, also: number | null): readonly T[] {
  if (from.length === 0) return []
  const at = (number: number): T | undefined => from[from.length - 1 - (number % from.length)]
  const picked = [at(pick), ...(also === null ? [] : [at(also)])]
  return [...new Set(picked)].filter((one) => one !== undefined)
}
