// One turn of the two-worker test: a call alone, or two of which the first is held before its commit until the second has ended or
// is seen to wait for it. Both answers must be right in the order in which they took effect; then the tables are compared.
import type fc from 'fast-check'
import assert from 'node:assert/strict'
import { start, valueOf, waitsForLock } from '../../protocol/interleave.ts'
import type { Connection } from '../../protocol/lab.ts'
import type { Bench, PreparedCall } from './bench.ts'
import type { Answered } from './calls.ts'
import { compare } from './compare.ts'
import type { ActorName, OperatorCall, PassDrawn, WorkerCall } from './plan.ts'
import { operate, settleAtDeadline } from './rules-of-operators.ts'
import { finish, renew, rescue, type Faults } from './rules-of-workers.ts'
import { newWorker, type World } from './world.ts'

export type ActorCall =
  | { readonly actor: Exclude<ActorName, 'operator'>; readonly call: WorkerCall }
  | { readonly actor: 'operator'; readonly call: OperatorCall }

interface Empty {
  readonly nothing?: never
}
type Command = fc.AsyncCommand<Empty, { bench: Bench }, true>

/** Of how many turns what was seen: a test asks that each kind came up. */
export type Seen = Map<string, number>

export class Turn implements Command {
  readonly #calls: readonly ActorCall[]
  readonly #seen: Seen
  #done = ''

  constructor(calls: readonly ActorCall[], seen: Seen) {
    this.#calls = calls
    this.#seen = seen
  }

  async check(): Promise<boolean> {
    return true
  }

  async run(_model: Empty, { bench }: { bench: Bench }): Promise<void> {
    const [first, second] = this.#calls.flatMap((call) => prepare(bench, call) ?? [])
    if (first === undefined) return
    if (second === undefined) {
      const answered = await first.call()
      this.#done = wordsOf(answered)
      this.#count(answered.is)
      expectRight(bench.world, [{ answered, isAlone: true }])
    } else await this.#together(bench, first, second)
    await compare(bench.lab, bench.world)
  }

  async #together(bench: Bench, first: Prepared, second: Prepared): Promise<void> {
    await first.on.query('begin')
    const held = await first.call()
    const under = start(second.on, second.call)
    const hasWaited = await waitsForLock(bench.lab, under)
    await first.on.query('commit')
    const met = await valueOf(under)
    this.#done = `${wordsOf(held)} held, ${wordsOf(met)} ${hasWaited ? 'waited' : 'ran'}`
    this.#count(`${held.is}, ${met.is} ${hasWaited ? 'waited' : 'ran'}`)
    const inOrder = [
      { answered: held, isAlone: true },
      { answered: met, isAlone: false },
    ]
    const reversed = [inOrder[1], { answered: held, isAlone: false }].filter(
      (one) => one !== undefined,
    )
    expectRight(bench.world, inOrder, hasWaited ? undefined : reversed)
  }

  #count(what: string): void {
    this.#seen.set(what, (this.#seen.get(what) ?? 0) + 1)
  }

  toString(): string {
    return this.#done === ''
      ? this.#calls.map(({ actor, call }) => `${actor} ${call.is}`).join(' / ')
      : this.#done
  }
}

/** Time passes, and perhaps one worker renews. */
export class Pass implements Command {
  readonly #drawn: PassDrawn

  constructor(drawn: PassDrawn) {
    this.#drawn = drawn
  }

  async check(): Promise<boolean> {
    return true
  }

  async run(_model: Empty, { bench }: { bench: Bench }): Promise<void> {
    const { ms, renews } = this.#drawn
    bench.world.nowMs += ms
    if (renews === null) return
    const answered = await bench.renew(bench.workers[renews])
    expectRight(bench.world, [{ answered, isAlone: true }])
  }

  toString(): string {
    const { ms, renews } = this.#drawn
    return `${ms} ms pass${renews === null ? '' : `, worker ${renews} renews`}`
  }
}

interface Prepared {
  readonly on: Connection
  readonly call: PreparedCall
}

function prepare(bench: Bench, { actor, call }: ActorCall): Prepared | null {
  const on = bench.connections[actor]
  const prepared =
    actor === 'operator'
      ? bench.prepareOperator(on, call)
      : bench.prepareWorker(bench.workers[actor], call)
  return prepared === null ? null : { on, call: prepared }
}

interface Judged {
  readonly answered: Answered
  readonly isAlone: boolean
}

/** The answers are right in this order, or in the other where that is possible; the world goes on from there. */
export function expectRight(
  world: World,
  order: readonly Judged[],
  other?: readonly Judged[],
): void {
  const before = structuredClone(world)
  const faults = order.flatMap((one) => judge(world, one))
  if (faults.length === 0) return
  const again = other === undefined ? faults : other.flatMap((one) => judge(before, one))
  assert.deepEqual(again.length === 0 ? [] : faults, [])
  Object.assign(world, before)
}

function judge(world: World, { answered, isAlone }: Judged): Faults {
  switch (answered.is) {
    case 'finish':
      return finish(world, answered, isAlone)
    case 'renew':
      return renew(world, answered)
    case 'rescue':
      return rescue(world, answered, isAlone)
    case 'settle':
      return settleAtDeadline(world, answered)
    case 'operate':
      return operate(world, answered)
    case 'register':
      world.workers.set(answered.workerId, newWorker(world))
      return []
    default:
      return answered satisfies never
  }
}

function wordsOf(answered: Answered): string {
  switch (answered.is) {
    case 'finish': {
      const { call, reply } = answered
      const outcomes = call.outcomes.map(
        ({ stepNo, claimNo, kind }) => `s${stepNo}#${claimNo} ${kind}`,
      )
      const claims = reply.claims.map(({ stepNo, claimNo }) => `s${stepNo}#${claimNo}`)
      return `worker ${call.workerId} sends [${outcomes.join()}] wants ${call.want} gets [${claims.join()}]`
    }
    case 'operate': {
      const { order, isChanged } = answered
      return `${order.action} ${order.steps?.map((stepNo) => `s${stepNo}`).join() ?? 'task'} ${isChanged ? 'done' : 'refused'}`
    }
    case 'settle':
      return 'deadline'
    default:
      return `worker ${answered.workerId} ${answered.is}`
  }
}
