// Following the history (rule 34): what transactions append is read in order, without loss, and from any cursor on, however
// their numbers and their commits lie. Beside it stands what a simpler cursor would have read of the same.
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { pruneJournal } from '../../src/database/prune-journal.ts'
import { createTasks } from '../../src/database/create-tasks.ts'
import { finishSteps } from '../../src/database/steps.ts'
import { openHistory, type History, type HistoryEvent } from '../../src/history/follow.ts'
import type { DefinitionId } from '../../src/ids.ts'
import { checkInvariants } from './invariants.ts'
import { start, valueOf, waitsForLock } from './interleave.ts'
import {
  countOf,
  finishCall,
  labsOfFile,
  named,
  newTask,
  outcomeOf,
  type Connection,
  type Lab,
} from './lab.ts'

const openLab = labsOfFile()

const historyOf = ({ eye }: Pick<Lab, 'eye'>) =>
  openHistory({ database: eye.database, clock: systemClock, pollIntervalMs: 50 })

const nameOf = ({ name, eventId }: HistoryEvent): string => {
  const [, ...key] = eventId.split('/')
  return `${name} ${key.join('/')}`
}

/** All that is there after the cursor, in pages. */
async function readAll(history: History, after: string, limit = 500) {
  const events: HistoryEvent[] = []
  for (let from = after; ;) {
    const page = await history.read({ after: from, limit })
    events.push(...page.events)
    from = page.cursor
    if (page.isEnd) return { events, cursor: from, names: events.map(nameOf) }
  }
}

/** What a cursor of transaction numbers reads: rows above the last one, by number. */
async function readByNumber(on: Connection, column: 'xid' | 'xmin', after: string) {
  const number = column === 'xid' ? 'j.xid' : 'j.xmin::text::xid8'
  const rows = await on.query(
    `select ${number}::text as number, j.task_ids, j.first_seqs
     from tasker.history_journal j where ${number} > $1 order by ${number}`,
    [after],
  )
  return {
    seqs: rows.flatMap((row) => (row['first_seqs'] as number[] | null) ?? []),
    count: rows.length,
    last: rows.map((row) => String(row['number'])).at(-1) ?? after,
  }
}

/** Two roots of one task, claimed by a worker each, and a connection that has its transaction's number already. */
async function twoRootsUnderWay(lab: Lab) {
  const definition = await lab.define([
    ['a', []],
    ['b', []],
  ])
  const one = await lab.worker([definition])
  await lab.create(definition)
  const { claims } = await lab.claim(one, [definition], 2)
  const early = await lab.connect()
  await early.query('begin')
  await early.query('select pg_current_xact_id()')
  return { one, early, a: named(claims, 'a'), b: named(claims, 'b') }
}

const recording = (
  on: Connection,
  worker: Parameters<typeof finishCall>[0],
  step: Parameters<typeof outcomeOf>[0],
) => finishSteps(on.database, finishCall(worker, { outcomes: [outcomeOf(step)] }))

describe('the transaction with the lower number takes the task’s lock last', () => {
  test('what it appended is read after what the other did', async () => {
    const lab = await openLab()
    const history = historyOf(lab)
    const { one, early, a, b } = await twoRootsUnderWay(lab)
    const { cursor } = await readAll(history, 'start')
    const before = (await readByNumber(lab.eye, 'xid', '0')).last

    const late = await lab.connect()
    await late.query('begin')
    await recording(late, one, a)
    const waiting = start(early, () => recording(early, one, b))
    expect(await waitsForLock(lab, waiting)).toBe(true)
    await late.query('commit')
    await valueOf(waiting)
    const between = await readAll(history, cursor)
    const betweenByNumber = await readByNumber(lab.eye, 'xid', before)
    await early.query('commit')

    expect(between.names).toEqual(['step.completed 1/1'])
    const rest = ['step.completed 2/1', 'task.completed 4']
    expect((await readAll(history, between.cursor)).names).toEqual(rest)
    expect((await readAll(history, cursor)).names).toEqual([...between.names, ...rest])
    // A cursor of numbers never sees the second transaction; who reads both at once sees them the wrong way round.
    expect(betweenByNumber.seqs).toEqual([2])
    expect((await readByNumber(lab.eye, 'xid', betweenByNumber.last)).seqs).toEqual([])
    expect((await readByNumber(lab.eye, 'xid', before)).seqs).toEqual([3, 4, 2])
    expect(await checkInvariants(lab.eye.client, 'tasker')).toEqual([])
  })
})

describe('a transaction that commits late', () => {
  /** A creation inside a transaction of the caller, under a savepoint of the caller when asked. */
  async function createWithin(on: Connection, definition: DefinitionId, savepoint = false) {
    await on.query('begin')
    await on.query('select pg_current_xact_id()')
    if (savepoint) await on.query('savepoint caller')
    await createTasks(on.database, [newTask(definition)], {
      lockTimeoutMs: 10_000,
      now: null,
      transaction: null,
    })
    if (savepoint) await on.query('release savepoint caller')
  }

  test('is read when it has, and keeps nobody else waiting', async () => {
    const lab = await openLab()
    const history = historyOf(lab)
    const definition = await lab.define([['a', []]])
    const { cursor } = await history.read({ after: 'now' })
    const slow = await lab.connect()
    await createWithin(slow, definition)
    const quick = await lab.create(definition)

    const first = await readAll(history, cursor)
    expect(first.events.map(({ payload }) => payload.taskId)).toEqual([quick])
    const byNumber = await readByNumber(lab.eye, 'xid', '0')
    // What stops below the oldest transaction that runs reads nothing while this one does.
    const below = `select count(*) from tasker.history_journal j where j.xid < pg_snapshot_xmin(pg_current_snapshot())`
    expect(await countOf(lab, below)).toBe(0)
    await slow.query('commit')

    const second = await readAll(history, first.cursor)
    expect(second.names).toEqual(['task.initialize_requested 0'])
    expect(second.events[0]?.payload.taskId).not.toBe(quick)
    expect(byNumber.count).toBe(1)
    expect((await readByNumber(lab.eye, 'xid', byNumber.last)).count).toBe(0)
  })

  test('is read too when a savepoint gave its rows another number', async () => {
    const lab = await openLab()
    const history = historyOf(lab)
    const definition = await lab.define([['a', []]])
    const slow = await lab.connect()
    await createWithin(slow, definition, true)
    await lab.create(definition)
    const first = await readAll(history, 'start')
    expect(first.names).toHaveLength(1)
    // To a snapshot of now, the number of the savepoint is one that has ended.
    const now = String((await lab.eye.query('select pg_current_snapshot()::text as at'))[0]?.['at'])
    await slow.query('commit')

    const unseen = (number: string) =>
      countOf(
        lab,
        `select count(*) from tasker.history_journal j where not pg_visible_in_snapshot(${number}, $1::pg_snapshot)`,
        [now],
      )
    expect(await unseen('j.xmin::text::xid8')).toBe(0)
    expect(await unseen('j.xid')).toBe(1)
    expect((await readAll(history, first.cursor)).names).toHaveLength(1)
  })

  test('whose several calls follow others is read with all of them, in order', async () => {
    const lab = await openLab()
    const history = historyOf(lab)
    const { one, early, a, b } = await twoRootsUnderWay(lab)
    await createWithin(early, await lab.define([['c', []]])).catch(() => undefined)
    const { cursor } = await readAll(history, 'start')
    await recording(lab.eye, one, a)
    await recording(early, one, b)
    const between = await readAll(history, cursor)
    await early.query('commit')
    expect(between.names).toEqual(['step.completed 1/1'])
    const { names } = await readAll(history, between.cursor)
    expect(names.toSorted()).toEqual([
      'step.completed 2/1',
      'task.completed 4',
      'task.initialize_requested 0',
    ])
  })
})

describe('reading', () => {
  /** Some dozens of journal rows: tasks of two steps, each done in calls of its own. */
  async function livedIn(lab: Lab, count: number) {
    const definition = await lab.define([
      ['a', []],
      ['b', ['a']],
    ])
    const worker = await lab.worker([definition])
    for (let at = 0; at < count; at += 1) {
      await lab.create(definition)
      const { claims } = await lab.claim(worker, [definition])
      const next = await finishSteps(
        lab.eye.database,
        finishCall(worker, { outcomes: claims.map((step) => outcomeOf(step)), want: 1 }),
      )
      await lab.finish(
        worker,
        next.claims.map((step) => outcomeOf(step)),
      )
    }
    return { definition, worker }
  }
  const lifeOfTask = [
    'task.initialize_requested 0',
    'task.start_requested 1',
    'step.execution_requested 1/1',
    'step.completed 1/1',
    'step.execution_requested 2/1',
    'step.completed 2/1',
    'task.completed 4',
  ]

  test('from every cursor on gives exactly what comes after it, in pages of any length', async () => {
    const lab = await openLab()
    await livedIn(lab, 12) // more rows than one window takes
    const history = historyOf(lab)
    const all = await readAll(history, 'start')
    const keys = all.events.map(({ name, eventId }) => `${name} ${eventId}`)
    expect(all.names).toEqual(Array.from({ length: 12 }, () => lifeOfTask).flat())
    for (const [at, { cursor }] of all.events.entries()) {
      if (at % 3 !== 1) continue
      const { events } = await readAll(history, cursor, 10 + at)
      expect(events.map(({ name, eventId }) => `${name} ${eventId}`)).toEqual(keys.slice(at + 1))
    }
  })

  test('gives what is asked for: names, one task, one namespace', async () => {
    const lab = await openLab()
    await livedIn(lab, 3)
    const history = historyOf(lab)
    const { events: all } = await readAll(history, 'start')
    const taskId = all[0]?.payload.taskId ?? ''
    const of = async (filter: Parameters<History['read']>[0]) =>
      (await history.read({ after: 'start', ...filter })).events.map(nameOf)
    expect(await of({ taskId })).toEqual(lifeOfTask)
    expect(await of({ taskId, events: ['task.*', 'step.completed'] })).toEqual(
      lifeOfTask.filter((name) => !name.startsWith('step.execution')),
    )
    expect(await of({ namespace: 'protocol' })).toHaveLength(all.length)
    expect(await of({ namespace: 'other' })).toEqual([])
  })

  test('what has nothing to tell is passed by: the cursor goes on', async () => {
    const lab = await openLab()
    await livedIn(lab, 12)
    const history = historyOf(lab)
    const none = await history.read({ after: 'start', namespace: 'other' })
    expect(none).toMatchObject({ events: [], isEnd: true })
    expect((await readAll(history, none.cursor)).events).toEqual([])
  })

  test('follows what comes, until its signal fires, and again from where it was', async () => {
    const lab = await openLab()
    const history = historyOf(lab)
    const { cursor } = await history.read()
    const over = new AbortController()
    const heard: string[] = []
    const following = history.follow({ after: cursor, signal: over.signal })
    const listening = (async () => {
      for await (const event of following) {
        heard.push(nameOf(event))
        if (heard.length === 7) over.abort()
      }
    })()
    await livedIn(lab, 2)
    await listening
    expect(heard).toEqual(lifeOfTask)
    const rest = await readAll(history, following.cursor ?? '')
    expect(rest.names).toEqual(lifeOfTask)

    const idle = history.follow({ after: rest.cursor })[Symbol.asyncIterator]().next()
    history.close()
    expect(await idle).toEqual({ done: true, value: undefined })
  })

  test('who was away for longer than the journal is kept is told; `start` goes on', async () => {
    const lab = await openLab({ alone: true })
    const { worker } = await livedIn(lab, 2)
    const history = historyOf(lab)
    const { events, cursor } = await readAll(history, 'start')
    await lab.eye.query(`update tasker.history_journal set at = at - interval '2 hours'`)
    await livedIn(lab, 1)
    expect(await pruneJournal(lab.eye.database, worker, 1)).toBe(false)
    const old = events[2]?.cursor ?? ''
    await expect(history.read({ after: old })).rejects.toMatchObject({
      code: 'HISTORY_CURSOR_EXPIRED',
    })
    expect((await readAll(history, cursor)).names).toEqual(lifeOfTask)
    // What the youngest old transaction appended stays until another was there to see it.
    const kept = ['step.completed 2/1', 'task.completed 4', ...lifeOfTask]
    expect((await readAll(history, 'start')).names).toEqual(kept)
  })

  test('a cursor that is none, or of another database, is refused', async () => {
    const lab = await openLab()
    const history = historyOf(lab)
    const { cursor } = await history.read()
    const forged = (text: string): string => `1.${Buffer.from(text).toString('base64url')}`
    const real = Buffer.from(cursor.slice(2), 'base64url').toString()
    const [journal = ''] = real.split(' ')
    for (const wrong of [
      'yesterday',
      '2.abc',
      forged('1 2'),
      forged(`${journal} 5:4:`),
      forged(`${journal} 4:9:8,6`),
      forged(`${journal} 5:9000000000:`),
      forged(`1${real}`),
    ])
      await expect(history.read({ after: wrong })).rejects.toMatchObject({
        code: 'HISTORY_CURSOR_INVALID',
      })
    await expect(history.read({ events: 'custom', limit: 0 })).rejects.toThrow(
      /2 faults[^]*limit[^]*custom/,
    )
  })
})
