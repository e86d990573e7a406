// Following the history where it is hard (rule 34): transactions that append very much, tasks that are pruned while somebody
// reads them, readers that are stopped on their way, and databases that came out of a dump.
import { deflateRawSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { createTasks } from '../../src/database/create-tasks.ts'
import { readJournalStanding } from '../../src/database/read-journal.ts'
import { TaskerError } from '../../src/errors.ts'
import { readCursor, writeCursor } from '../../src/history/cursor.ts'
import { openHistory } from '../../src/history/follow.ts'
import type { DefinitionId, WorkerId } from '../../src/ids.ts'
import { countOf, labsOfFile, newTask, outcomeOf, type Connection, type Lab } from './lab.ts'

const openLab = labsOfFile()

const historyOf = ({ eye }: Pick<Lab, 'eye'>) =>
  openHistory({ database: eye.database, clock: systemClock, pollIntervalMs: 50 })

/** As many calls in one transaction of the caller, each a row of the journal. */
async function appendMuch(on: Connection, definition: DefinitionId, count: number): Promise<void> {
  for (let at = 0; at < count; at += 1)
    await createTasks(on.database, [newTask(definition)], {
      lockTimeoutMs: 10_000,
      now: null,
      transaction: null,
    })
}

test('behind transactions that appended much, windows are as small as elsewhere', async () => {
  const lab = await openLab()
  const definition = await lab.define([['a', []]])
  const early = await lab.connect()
  await early.query('begin')
  await appendMuch(early, definition, 40)
  let { now: from } = await readJournalStanding(lab.eye.database, null)
  await early.query('commit')
  await lab.eye.query('begin')
  await appendMuch(lab.eye, definition, 40)
  await lab.eye.query('commit')
  for (let at = 0; at < 150; at += 1) await lab.create(definition)

  const windows: number[] = []
  while (windows.length < 30) {
    const { isAhead, onTheWay, now } = await readJournalStanding(lab.eye.database, from)
    if (!isAhead) break
    const until = onTheWay ?? now
    const rows = await lab.eye.query(
      `select count(*)::integer as count from tasker.history_journal j
       where pg_visible_in_snapshot(j.xid, $2) and not pg_visible_in_snapshot(j.xid, $1)`,
      [from, until],
    )
    windows.push(rows[0]?.['count'] as number)
    from = until
  }
  expect(windows.reduce((sum, rows) => sum + rows, 0)).toBe(230)
  expect(Math.max(...windows)).toBeLessThanOrEqual(40 + 40 + 32)
})

/** @returns how many rows are left when nothing more goes */
async function pruneOld(lab: Lab, worker: WorkerId, rowsMax: number): Promise<number> {
  const count = () => countOf(lab, 'select count(*) from tasker.history_journal')
  for (let calls = 0; calls < 20; calls += 1)
    await lab.eye.query(
      `select tasker.prune_history_journal($1, statement_timestamp() - interval '1 hour', $2)`,
      [worker, rowsMax],
    )
  return count()
}

test('a transaction that appended more than one call removes is removed too', async () => {
  const lab = await openLab({ alone: true })
  const definition = await lab.define([['a', []]])
  const worker = await lab.worker([definition])
  await lab.eye.query('begin')
  await appendMuch(lab.eye, definition, 8)
  await lab.eye.query('commit')
  for (let at = 0; at < 4; at += 1) await lab.create(definition)
  await lab.eye.query(`update tasker.history_journal set at = at - interval '2 hours'`)
  for (let at = 0; at < 4; at += 1) await lab.create(definition)
  // The last of the old ones stays until another was there to see it.
  expect(await pruneOld(lab, worker, 3)).toBe(5)
})

test('a reader between two events of one entry misses nothing when that task is pruned', async () => {
  const lab = await openLab()
  const history = historyOf(lab)
  const definition = await lab.define([['a', []]])
  const worker = await lab.worker([definition])
  const { cursor: before } = await history.read()
  // Both tasks' events stand in one window.
  await lab.eye.query('begin')
  await appendMuch(lab.eye, definition, 1)
  const { claims } = await lab.claim(worker, [definition])
  await lab.finish(
    worker,
    claims.map((step) => outcomeOf(step, { kind: 'failed', delayMs: 60_000 })),
  )
  const gone = claims[0]?.taskId ?? ''
  const stays = await lab.create(definition)
  await lab.eye.query('commit')

  let cursor = before
  for (let name = ''; name !== 'step.failed';) {
    const { events, cursor: next } = await history.read({ after: cursor, limit: 1 })
    name = events[0]?.name ?? ''
    cursor = next
  }
  await lab.eye.query('select tasker.delete_tasks($1)', [[gone]])
  const { events } = await history.read({ after: cursor })
  expect(events.map(({ name, payload }) => [name, payload.taskId])).toEqual([
    ['task.initialize_requested', stays],
  ])
})

test('who is stopped while nothing fits what he asked for stops there, and knows how far he came', async () => {
  const lab = await openLab()
  const definition = await lab.define([['a', []]])
  for (let at = 0; at < 80; at += 1) await lab.create(definition)
  const over = new AbortController()
  let asked = 0
  const { database } = lab.eye
  const history = openHistory({
    database: {
      ...database,
      run: async (name, ...call) => {
        if (name === 'read_journal_entries' && (asked += 1) === 2) over.abort()
        return database.run(name, ...call)
      },
    },
    clock: systemClock,
    pollIntervalMs: 50,
  })
  const following = history.follow({ after: 'start', namespace: 'none', signal: over.signal })
  for await (const { name } of following) expect.unreachable(name)
  expect(asked).toBe(2)
  const rest = await history.read({ after: following.cursor ?? '' })
  expect(rest.events.length).toBeGreaterThan(0)
})

test('a cursor of a database is refused by its copy, whose tables have the same numbers', async () => {
  const [lab, copy] = [await openLab({ alone: true }), await openLab({ alone: true })]
  const { cursor } = await historyOf(lab).read()
  await expect(historyOf(copy).read({ after: cursor })).rejects.toMatchObject({
    code: 'HISTORY_CURSOR_INVALID',
  })
})

test('out of a dump of a server that counted further, the journal begins anew, whoever notices first', async () => {
  const lab = await openLab({ alone: true })
  const history = historyOf(lab)
  const definition = await lab.define([['a', []]])
  const worker = await lab.worker([definition])
  for (let at = 0; at < 4; at += 1) await lab.create(definition)
  const restore = async (): Promise<void> => {
    await lab.eye.query(
      `update tasker.history_journal set xid = (xid::text::bigint + 900000000)::text::xid8`,
    )
    await lab.eye.query(
      `update tasker.schema_version set history_table = 1, history_removed = '900000000:900000000:'`,
    )
  }
  await restore()
  expect(await pruneOld(lab, worker, 3)).toBe(0)
  await lab.create(definition)
  await restore()
  expect((await history.read({ after: 'start' })).events).toEqual([])
  const { cursor } = await history.read()
  const task = await lab.create(definition)
  const { events } = await history.read({ after: cursor })
  expect(events.map(({ payload }) => payload.taskId)).toEqual([task])
  const { events: all } = await history.read({ after: 'start' })
  expect(all.map(({ payload }) => payload.taskId)).toEqual([task])
})

test('closing ends who follows, though the database is closed between two of his questions', async () => {
  const lab = await openLab()
  await lab.create(await lab.define([['a', []]]))
  const { database } = lab.eye
  const history = openHistory({
    database: {
      ...database,
      run: async (name, ...call) => {
        if (name !== 'read_journal_entries') return database.run(name, ...call)
        history.close()
        throw new TaskerError('TASKER_CLOSED', 'The database is not asked any more.')
      },
    },
    clock: systemClock,
    pollIntervalMs: 50,
  })
  for await (const { name } of history.follow({ after: 'start' })) expect.unreachable(name)
})

test('a cursor fits into a header though 500 transactions are open, and is read as it was written', () => {
  const first = 81_234_567_890
  const running = Array.from({ length: 500 }, (_, at) => first + at * 7)
  const from = `${first}:${first + 5_000}:${running.join(',')}`
  const until = `${first}:${first + 9_000}:${running.join(',')}`
  const position = { from, within: { until, after: null }, given: 0 }
  const cursor = writeCursor('123456789', position)
  expect(cursor.length).toBeLessThan(4_096)
  expect(readCursor(cursor)).toEqual({ journal: '123456789', ...position })
})

test('a cursor that unpacks to more than any has is refused, as what is no cursor at all', () => {
  const endless = deflateRawSync('7'.repeat(4_000_000)).toString('base64url')
  for (const cursor of [`2.${endless}`, '2.', '2.AAAA', `2.${'A'.repeat(200)}`, '3.AAAA'])
    expect(() => readCursor(cursor)).toThrow('it is none that Tasker has given')
})
