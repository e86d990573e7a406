// The audit log: an entry is begun before a change is made, ended by what became of it, found by page, and removed by age.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { defineTask } from '../../src/definitions/builder.ts'
import { createTasker, type Tasker } from '../../src/tasker.ts'
import { testClock, type TestClock } from '../../src/testing/index.ts'
import { databaseForFile } from '../support/database.ts'

const database = databaseForFile()
const dayMs = 86_400_000
const parcel = defineTask({ namespace: 'post', name: 'parcel' })
  .step('weigh', { retry: { limit: 2 } }, async () => 1)
  .step('send', { dependsOn: ['weigh'] }, async () => 2)

let clock: TestClock
let tasker: Tasker

beforeAll(async () => {
  clock = testClock()
  tasker = await createTasker({ database: { url: database.url }, clock, definitions: [parcel] })
})
afterAll(() => tasker.close())

const by = { actor: 'ana', operation: 'cancelTask', transport: 'rest' } as const
const create = async (): Promise<string> =>
  (await tasker.tasks.create(parcel, { context: { secret: 'hunter2' }, tags: ['eu'] })).taskId

describe('an entry', () => {
  test('is there while the change is under way, and ends with the states after it', async () => {
    const taskId = await create()
    const attempt = {
      ...by,
      taskId,
      steps: ['weigh'],
      permission: 'tasker.task:cancel',
      reason: 'ordered twice',
      correlationId: 'c-1',
      address: '192.0.2.7',
    }
    const change = await tasker.audit.begin(attempt)
    const open = await tasker.audit.list({ taskId })
    expect(open).toEqual({
      entries: [
        {
          auditId: change.auditId,
          at: clock.now(),
          endedAt: null,
          actor: 'ana',
          operation: 'cancelTask',
          permission: 'tasker.task:cancel',
          transport: 'rest',
          taskId,
          addressed: { steps: ['weigh'] },
          reason: 'ordered twice',
          correlationId: 'c-1',
          address: '192.0.2.7',
          outcome: null,
          code: null,
          before: {
            state: 'pending',
            priority: 2,
            tags: ['eu'],
            reason: 'unknown',
            deadline_at: null,
            is_held: false,
            open_steps: 1,
            unsatisfied_steps: 2,
            exhausted_steps: 0,
            steps: [{ step: 'weigh', state: 'pending', attempts: 0, retry_limit: 2 }],
          },
          after: null,
        },
      ],
      nextCursor: null,
    })
    await tasker.tasks.cancel(taskId)
    await clock.advance(5)
    await change.end({ outcome: 'done', detail: { changed: 1 } })
    expect((await tasker.audit.list({ taskId })).entries).toMatchObject([
      {
        endedAt: clock.now(),
        outcome: 'done',
        after: { state: 'cancelled', changed: 1, steps: [{ step: 'weigh', state: 'cancelled' }] },
      },
    ])
  })

  test('of a task that is made has the task afterwards', async () => {
    const change = await tasker.audit.begin({ ...by, operation: 'createTask', namespace: 'post' })
    const taskId = await create()
    await change.end({ outcome: 'done', taskId })
    const { entries } = await tasker.audit.list({ taskId })
    expect(entries).toMatchObject([
      { before: { is_held: false }, after: { state: 'pending' }, addressed: { namespace: 'post' } },
    ])
  })

  test('never holds a context', async () => {
    const { entries } = await tasker.audit.list()
    expect(JSON.stringify(entries)).not.toContain('hunter2')
  })

  test('takes whatever was sent: ids that are none, texts that no column holds', async () => {
    const auditId = await tasker.audit.record(
      {
        ...by,
        taskId: 'no id',
        steps: ['a\0b'],
        namespace: '\ud800',
        reason: `\0${'x'.repeat(5_000)}`,
        addressed: { filter: { name: 'n\0' } },
      },
      { outcome: 'refused', code: 'TASK_NOT_FOUND' },
    )
    const { entries } = await tasker.audit.list({ limit: 1 })
    expect(entries).toMatchObject([
      {
        auditId,
        taskId: null,
        addressed: { task_id: 'no id', steps: ['ab'], namespace: '\ufffd', filter: { name: 'n' } },
        outcome: 'refused',
        code: 'TASK_NOT_FOUND',
        endedAt: clock.now(),
      },
    ])
    expect(entries[0]?.reason).toHaveLength(2_000)
  })
})

describe('the list', () => {
  test('is newest first, by page, without gaps while entries are added', async () => {
    const made: string[] = []
    const add = async (): Promise<void> => {
      made.unshift(await tasker.audit.record({ ...by, actor: 'pager' }, { outcome: 'denied' }))
    }
    for (let index = 0; index < 5; index += 1) await add()
    const first = await tasker.audit.list({ actor: 'pager', limit: 2 })
    await add()
    const second = await tasker.audit.list({
      actor: 'pager',
      limit: 2,
      after: first.nextCursor ?? '',
    })
    const third = await tasker.audit.list({ actor: 'pager', after: second.nextCursor ?? '' })
    const ids = [first, second, third].flatMap(({ entries }) => entries.map((e) => e.auditId))
    expect(ids).toEqual(made.slice(1))
    expect(third.nextCursor).toBeNull()
  })

  test('is filtered by operation, outcome, correlation and time', async () => {
    const before = clock.now()
    await clock.advance(1_000)
    const at = clock.now()
    const wanted = { ...by, operation: 'holdTask', correlationId: 'c-9' }
    const auditId = await tasker.audit.record(wanted, { outcome: 'failed' })
    await clock.advance(1_000)
    const only = async (filter: Parameters<typeof tasker.audit.list>[0]): Promise<string[]> =>
      (await tasker.audit.list(filter)).entries.map((entry) => entry.auditId)
    expect(await only({ operation: 'holdTask' })).toEqual([auditId])
    expect(await only({ outcomes: ['failed'] })).toEqual([auditId])
    expect(await only({ correlationId: 'c-9' })).toEqual([auditId])
    expect(await only({ from: at, before: clock.now() })).toEqual([auditId])
    expect(await only({ from: before, before: at })).not.toContain(auditId)
  })

  test('refuses what it does not know', async () => {
    await expect(tasker.audit.list({ after: 'x', limit: 0, taskId: 'y' })).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
      details: { faults: [{ path: 'taskId' }, { path: 'after' }, { path: 'limit' }] },
    })
  })
})

test('entries are removed by age', async () => {
  await tasker.audit.record({ ...by, actor: 'old' }, { outcome: 'done' })
  await clock.advance(30 * dayMs + 1)
  const fresh = await tasker.audit.record({ ...by, actor: 'new' }, { outcome: 'done' })
  expect(await tasker.audit.prune({ olderThanMs: 30 * dayMs })).toBeGreaterThan(1)
  const { entries } = await tasker.audit.list()
  expect(entries.map((entry) => entry.auditId)).toEqual([fresh])
  expect(await tasker.audit.prune({ olderThanMs: 30 * dayMs })).toBe(0)
})
