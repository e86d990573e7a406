// One race: two calls of the protocol on one scene, the first held at its commit, or stopped in its middle at a row that a
// third session holds, while the second runs. What stands afterwards, and what both were told, must be what one of the two
// orders leaves. Nothing sleeps: whether a session waits is seen in pg_stat_activity.
import pg from 'pg'
import type { Row } from '../../packages/engine/src/database/connect.ts'
import { findViolations } from '../../packages/engine/src/database/invariants.ts'
import type { DefinitionId } from '../../packages/engine/src/ids.ts'
import { databaseOn } from '../../packages/engine/test/protocol/calls.ts'
import {
  start,
  waitsForLock,
  type Ending,
  type Started,
} from '../../packages/engine/test/protocol/interleave.ts'
import type { Connection } from '../../packages/engine/test/protocol/lab.ts'
import { playOut } from './race-end.ts'
import { lookAt, type Look } from './race-look.ts'
import { moves, type Move } from './race-moves.ts'
import { setScene, type Scene, type Situation } from './race-scene.ts'

/** Tables of which the rows of a scene are locked, to stop a call in its middle. */
const gates = ['workers', 'task_progress', 'due', 'tasks', 'workflow_steps', 'receipts'] as const

/** How the first call goes while the second runs. */
export const fates = [
  'is about to commit',
  'is about to roll back',
  ...gates.map((table) => `waits for ${table}` as const),
] as const
export type Fate = (typeof fates)[number]

export interface Race {
  readonly situation: Situation
  readonly first: Move
  readonly second: Move
  readonly fate: Fate
}

export const nameOf = ({ situation, first, fate, second }: Race): string =>
  `${situation}: "${first.name}" ${fate}, "${second.name}" comes`

/** What stands, and what each call was told. */
interface Outcome extends Look {
  readonly replies: readonly unknown[]
}

/** What the two orders leave, with the replies in the order of the race; and the second call alone. */
interface Orders {
  readonly asGiven: Outcome
  readonly turned: Outcome
  readonly withoutFirst: Outcome
}

export type Effect = 'impossible' | 'nothing' | 'changes'

export interface Ran {
  readonly race: Race
  /** What is wrong; empty when all is well. */
  readonly wrong: readonly string[]
  /** The second call waited for the first. */
  readonly hasWaited: boolean
  /** Both were under way at once: false where the first ended without coming to the gate. */
  readonly hasMet: boolean
}

export class RaceTrack {
  readonly #definitionId: DefinitionId
  readonly #eye: Session
  readonly #first: Session
  readonly #second: Session
  readonly #gate: Session

  private constructor(definitionId: DefinitionId, sessions: readonly Session[]) {
    // As many as `open` makes.
    const [eye, first, second, gate] = sessions as [Session, Session, Session, Session]
    this.#definitionId = definitionId
    this.#eye = eye
    this.#first = first
    this.#second = second
    this.#gate = gate
  }

  static async open(url: string, definitionId: DefinitionId): Promise<RaceTrack> {
    const sessions = await Promise.all(Array.from({ length: 4 }, () => connect(url)))
    return new RaceTrack(definitionId, sessions)
  }

  async close(): Promise<void> {
    const sessions = [this.#eye, this.#first, this.#second, this.#gate]
    await Promise.all(sessions.map(({ client }) => client.end()))
  }

  /** What each move alone does in this situation. */
  async effects(situation: Situation): Promise<ReadonlyMap<Move, Effect>> {
    const effects = new Map<Move, Effect>()
    await this.#rehearse(situation, async (play) => {
      const before = await play([])
      for (const move of moves) {
        const after = await play([move])
        const isSame =
          before.stands === after.stands && before.refused.join() === after.refused.join()
        effects.set(
          move,
          after.replies.length === 0 ? 'impossible' : isSame ? 'nothing' : 'changes',
        )
      }
    })
    return effects
  }

  /** Races of one situation, one after the other. */
  async *runAll(situation: Situation, races: readonly Race[]): AsyncGenerator<Ran, void> {
    const expected: { readonly race: Race; readonly orders: Orders }[] = []
    // Before there is a scene, of which these would see something: each claims, sweeps or rescues whatever there is.
    await this.#rehearse(situation, async (play) => {
      for (const race of races) {
        const { first, second } = race
        expected.push({
          race,
          orders: {
            asGiven: await play([first, second]),
            turned: turned(await play([second, first])),
            withoutFirst: await play([second]),
          },
        })
      }
    })
    for (const { race, orders } of expected) yield await this.#run(race, orders)
  }

  async #run(race: Race, orders: Orders): Promise<Ran> {
    const { situation, first, second, fate } = race
    const scene = await setScene(this.#eye.database, this.#definitionId, situation)
    const wrong: string[] = []
    const { hasMet, hasWaited, endings } = await this.#meet(race, scene)
    const replies: unknown[][] = endings.map((ending) =>
      'value' in ending ? [ending.value] : [{ sqlState: ending.sqlState }],
    )
    const isUndone = fate === 'is about to roll back'
    // Whoever passed by does its part now; whoever was undone sends it again.
    for (const [index, move] of [first, second].entries()) {
      if (move.passesBy && !(isUndone && index === 0))
        replies[index]?.push(await move.run(this.#eye.database, scene))
    }
    if (isUndone) {
      const stands = await lookAt(this.#eye.database, scene)
      if (!isAs({ ...stands, replies: [replies[1] ?? []] }, orders.withoutFirst))
        wrong.push(
          `it is not as if the first had never been: ${difference(stands, [orders.withoutFirst])}`,
        )
      replies[0] = [await first.run(this.#eye.database, scene)]
    }
    wrong.push(...(await this.#compare(scene, replies, [orders.asGiven, orders.turned])))
    wrong.push(...(await this.#deliverAgain(race, scene)))
    wrong.push(...(await this.#violations(scene)))
    wrong.push(...(await playOut(this.#eye.database, scene)))
    const met = [this.#eye, this.#first, this.#second].flatMap(({ errors }) => errors.splice(0))
    wrong.push(...met.filter((state) => state === '40P01').map(() => 'a deadlock'))
    return { race, wrong, hasMet, hasWaited }
  }

  async #meet(
    { first, second, fate }: Race,
    scene: Scene,
  ): Promise<{
    readonly hasMet: boolean
    readonly hasWaited: boolean
    readonly endings: readonly Ending<unknown>[]
  }> {
    const lab = { eye: this.#eye }
    const gate = gates.find((table) => fate === `waits for ${table}`)
    if (gate === undefined) await this.#first.query('begin')
    else {
      await this.#gate.query('begin')
      await this.#gate.query(gateSql[gate], [scene.taskId, Object.values(scene.workers)])
    }
    const one = this.#send(this.#first, first, scene)
    const hasMet = gate === undefined || (await waitsForLock(lab, one))
    if (gate === undefined) await one.ending
    // What ended without coming to the gate leaves it in the way of the other alone: a claim that passes by a locked row takes
    // another in its place, as it should (rule 2), and as in neither order. So the gate is opened; nothing else needs it.
    const isGateShut = gate !== undefined && (hasMet || first.passesBy)
    if (gate !== undefined && !isGateShut) await this.#gate.query('rollback')
    const other = this.#send(this.#second, second, scene)
    const hasWaited = await waitsForLock(lab, other)
    if (isGateShut) await this.#gate.query('rollback')
    if (gate === undefined)
      await this.#first.query(fate === 'is about to roll back' ? 'rollback' : 'commit')
    return { hasMet, hasWaited, endings: [await one.ending, await other.ending] }
  }

  #send(on: Session, move: Move, scene: Scene): Started<unknown> {
    return start(on, () => move.run(on.database, scene))
  }

  /** Is it what one of the two orders leaves, with what each was told there? */
  async #compare(
    scene: Scene,
    replies: readonly (readonly unknown[])[],
    orders: readonly Outcome[],
  ): Promise<readonly string[]> {
    const stands = await lookAt(this.#eye.database, scene)
    const found = { ...stands, replies }
    const wrong = stands.doubled > 0 ? ['a result was recorded twice'] : []
    return orders.some((order) => isAs(found, order))
      ? wrong
      : [...wrong, `it is as after neither order: ${difference(found, orders)}`]
  }

  /** Each outcome once more: in the same call, and in a new one. Nothing may come of it, but one entry for a late one. */
  async #deliverAgain({ first, second }: Race, scene: Scene): Promise<readonly string[]> {
    const on = this.#eye.database
    const before = await lookAt(on, scene)
    const answers: string[] = []
    for (const move of [second, first, second])
      answers.push(...((await move.deliverAgain?.(on, scene)) ?? []))
    const after = await lookAt(on, scene)
    const wrong = answers
      .filter((answer) => answer !== 'recorded' && answer !== 'refused')
      .map((answer) => `an outcome delivered again was ${answer}`)
    if (after.stands !== before.stands)
      wrong.push(`an outcome delivered again changed something: ${difference(after, [before])}`)
    if (new Set(after.refused).size !== after.refused.length)
      wrong.push(`a late outcome is kept more than once: ${after.refused.join()}`)
    return wrong
  }

  async #violations(scene: Scene): Promise<readonly string[]> {
    const found = await findViolations((text, values) => this.#eye.query(text, values), {
      schema: 'tasker',
      sample: {
        taskIds: [scene.taskId, ...Object.values(scene.spareIds)],
        definitionIds: [this.#definitionId],
      },
    })
    return found.map(({ says, subject }) => `${says}: ${subject}`)
  }

  /** Moves one after the other, on one scene to which each sequence returns; in a transaction that is undone. */
  async #rehearse(
    situation: Situation,
    rehearse: (play: (sequence: readonly Move[]) => Promise<Outcome>) => Promise<void>,
  ): Promise<void> {
    const on = this.#eye
    await on.query('begin')
    try {
      const scene = await setScene(on.database, this.#definitionId, situation)
      await on.query('savepoint scene')
      await rehearse(async (sequence) => {
        const replies: unknown[] = []
        for (const move of sequence)
          if (move.isPossible(scene)) replies.push(await move.run(on.database, scene))
        const outcome = { ...(await lookAt(on.database, scene)), replies }
        await on.query('rollback to savepoint scene')
        return outcome
      })
    } finally {
      await on.query('rollback')
    }
  }
}

interface Session extends Connection {
  /** SQLSTATEs it met, those included after which the engine repeats a call by itself. */
  readonly errors: string[]
}

/** Not durable: what is raced for are locks, and no server dies here. */
async function connect(url: string): Promise<Session> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const errors: string[] = []
  /** By text: planned once, because each race asks the same again. */
  const names = new Map<string, string>()
  const query = async (text: string, values: readonly unknown[] = []): Promise<Row[]> => {
    try {
      const name = names.get(text) ?? `statement_${names.size}`
      names.set(text, name)
      return (await client.query<Row>({ name, text, values: [...values] })).rows
    } catch (error) {
      if (error instanceof pg.DatabaseError) errors.push(error.code ?? 'unknown')
      throw error
    }
  }
  await query('set synchronous_commit = off')
  const [row] = await query('select pg_backend_pid() as pid')
  return { client, pid: Number(row?.['pid']), database: databaseOn(query), query, errors }
}

const gateSql: Readonly<Record<(typeof gates)[number], string>> = {
  workers: rowsOf('workers', 'worker_id = any ($2::integer[]) and $1::uuid is not null'),
  task_progress: rowsOf('task_progress', 'task_id = $1 and $2::integer[] is not null'),
  due: rowsOf('due', 'task_id = $1 and $2::integer[] is not null'),
  tasks: rowsOf('tasks', 'task_id = $1 and $2::integer[] is not null'),
  workflow_steps: rowsOf('workflow_steps', 'task_id = $1 and $2::integer[] is not null'),
  receipts: rowsOf('receipts', 'worker_id = any ($2::integer[]) and $1::uuid is not null'),
}

function rowsOf(table: string, condition: string): string {
  return `select 1 from tasker.${table} where ${condition} for update`
}

const turned = (outcome: Outcome): Outcome => ({
  ...outcome,
  replies: outcome.replies.toReversed(),
})

/** `found.replies`: to each call, all answers it was given; one of them is the one it would have had. */
function isAs(
  found: Look & { readonly replies: readonly (readonly unknown[])[] },
  order: Outcome,
): boolean {
  return (
    found.stands === order.stands &&
    found.refused.join() === order.refused.join() &&
    found.replies.every((answers, index) =>
      answers.some((answer) => JSON.stringify(answer) === JSON.stringify(order.replies[index])),
    )
  )
}

/** The parts in which it differs from each order. */
function difference(
  found: Look & { readonly replies?: readonly unknown[] },
  orders: readonly (Look & { readonly replies?: readonly unknown[] })[],
): string {
  return orders
    .map((order) => {
      const [was, would] = [partsOf(found), partsOf(order)]
      return [...was.keys()]
        .filter((part) => was.get(part) !== would.get(part))
        .map((part) => `${part} ${was.get(part)}, not ${would.get(part)}`)
        .join('; ')
    })
    .join(' | ')
}

function partsOf({
  stands,
  refused,
  replies,
}: Look & { readonly replies?: readonly unknown[] }): ReadonlyMap<string, string> {
  const parts = { ...(JSON.parse(stands) as object), refused, replies } // an object: lookSql
  return new Map(Object.entries(parts).map(([name, part]) => [name, JSON.stringify(part)]))
}
