// Rules 18 and 19, S5: a key names one task. Who comes second waits for the first and finds its task; keys are taken once
// and in order, so batches that share keys neither fail nor deadlock.
import { describe, expect, test } from 'vitest'
import { createTasks, type NewTask } from '../../src/database/create-tasks.ts'
import type { DefinitionId } from '../../src/ids.ts'
import { start, valueOf, waitsForLock } from './interleave.ts'
import { countOf, labsOfFile, newTask, type Connection, type Lab, sorted } from './lab.ts'
import { replaceOnce, withoutRule } from './without-rule.ts'

const openLab = labsOfFile()
const options = { lockTimeoutMs: 30_000, now: null, transaction: null }

const keyed = (definition: DefinitionId, key: string, digest = 'same'): NewTask =>
  newTask(definition, { key, digest })

/** Without the repeat of deadlocks that the caller does: the test wants to see them. */
const createOnce = (on: Connection, tasks: readonly NewTask[]): ReturnType<typeof createTasks> =>
  createTasks(on.database, tasks, { ...options, transaction: on.client })

const tasksIn = (lab: Lab): Promise<number> => countOf(lab, 'select count(*) from tasker.tasks')

describe('two sessions that create under one key at once', () => {
  async function race(lab: Lab, end: 'commit' | 'rollback' = 'commit') {
    const definition = await lab.define([['a', []]])
    const [winner, loser] = [keyed(definition, 'k'), keyed(definition, 'k')]
    const first = await lab.connect()
    const second = await lab.connect()
    await first.query('begin')
    await createTasks(first.database, [winner], options)
    const losing = start(second, () => createTasks(second.database, [loser], options))
    expect(await waitsForLock(lab, losing)).toBe(true)
    await first.query(end)
    return { winner, loser, answers: await valueOf(losing) }
  }

  test('get the same task', async () => {
    const lab = await openLab()
    const { winner, answers } = await race(lab)
    expect(answers).toEqual([{ taskId: winner.taskId, isCreated: false, isConflict: false }])
    expect(await tasksIn(lab)).toBe(1)
  })

  test('and when the first rolls back, the second creates it', async () => {
    const lab = await openLab()
    const { loser, answers } = await race(lab, 'rollback')
    expect(answers).toEqual([{ taskId: loser.taskId, isCreated: true, isConflict: false }])
    expect(await tasksIn(lab)).toBe(1)
  })

  test('with `do nothing` instead of `do update` the second is told of a task that is nowhere', async () => {
    const lab = await openLab()
    await withoutRule(lab, 'create_tasks', (sql) => {
      const from = sql.indexOf('do update set')
      const to = sql.indexOf('returning k.named_task_id')
      return `${sql.slice(0, from)}do nothing\n    ${sql.slice(to)}`
    })
    const { loser, answers } = await race(lab)
    expect(answers).toEqual([{ taskId: loser.taskId, isCreated: false, isConflict: false }])
    const found = 'select count(*) from tasker.tasks where task_id = $1'
    expect(await countOf(lab, found, [loser.taskId])).toBe(0)
  })
})

describe('one key twice in one batch', () => {
  test('makes one task, and both requests are answered with it', async () => {
    const lab = await openLab()
    const definition = await lab.define([['a', []]])
    const [one, two] = [keyed(definition, 'k'), keyed(definition, 'k')]
    expect(await createTasks(lab.eye.database, [one, two], options)).toEqual([
      { taskId: one.taskId, isCreated: true, isConflict: false },
      { taskId: one.taskId, isCreated: false, isConflict: false },
    ])
    expect(await tasksIn(lab)).toBe(1)
  })

  test('for two different requests is a conflict: nothing is created, and the keys stay free', async () => {
    const lab = await openLab()
    const definition = await lab.define([['a', []]])
    const batch = [keyed(definition, 'k'), keyed(definition, 'k', 'other'), keyed(definition, 'l')]
    const answers = await createTasks(lab.eye.database, batch, options)
    expect(answers.map(({ isCreated }) => isCreated)).toEqual([false, false, false])
    expect(answers.map(({ isConflict }) => isConflict)).toEqual([false, true, false])
    expect(await tasksIn(lab)).toBe(0)
    expect(await countOf(lab, 'select count(*) from tasker.idempotency_keys')).toBe(0)
  })

  test('without the folding PostgreSQL refuses the batch', async () => {
    const lab = await openLab()
    await withoutRule(lab, 'create_tasks', (sql) =>
      replaceOnce(sql, 'select distinct on (d.named_task_id, r.key)', 'select'),
    )
    const definition = await lab.define([['a', []]])
    const batch = [keyed(definition, 'k'), keyed(definition, 'k')]
    const call = start(lab.eye, () => createTasks(lab.eye.database, batch, options))
    expect(await call.ending).toEqual({ sqlState: '21000' })
  })
})

describe('two batches that share keys in different order', () => {
  /**
   * A third session holds `m` and `n`, so that each batch stops in the middle: in the order of the batches the first has
   * taken `a` and wants `b`, the second has taken `b` and wants `a`. In the order of the keys both begin with `a`.
   */
  async function race(lab: Lab): Promise<{ endings: unknown[] }> {
    const definition = await lab.define([['a', []]])
    const batch = (keys: readonly string[]): NewTask[] => keys.map((key) => keyed(definition, key))
    const [first, second, holder] = [await lab.connect(), await lab.connect(), await lab.connect()]
    await holder.query('begin')
    await createTasks(holder.database, batch(['m', 'n']), options)
    const one = start(first, () => createOnce(first, batch(['a', 'm', 'b'])))
    await waitsForLock(lab, one)
    const other = start(second, () => createOnce(second, batch(['b', 'n', 'a'])))
    await waitsForLock(lab, other)
    await holder.query('rollback')
    const endings = [await one.ending, await other.ending]
    return { endings: endings.map((end) => ('sqlState' in end ? end.sqlState : 'created')) }
  }

  test('do not deadlock', async () => {
    const lab = await openLab()
    expect(await race(lab)).toEqual({ endings: ['created', 'created'] })
    expect(await tasksIn(lab)).toBe(4)
  })

  test('taken in the order of the batch they do', async () => {
    const lab = await openLab()
    await withoutRule(lab, 'create_tasks', (sql) => {
      // Task ids are made in the order of the batch.
      return replaceOnce(sql, 'order by a.named_task_id, a.key', 'order by a.task_id')
    })
    expect(sorted((await race(lab)).endings)).toEqual(['40P01', 'created'])
  })
})

describe('a key', () => {
  test('held by an open transaction longer than the limit is a retryable refusal', async () => {
    const lab = await openLab()
    const definition = await lab.define([['a', []]])
    const holder = await lab.connect()
    await holder.query('begin')
    await createTasks(holder.database, [keyed(definition, 'k')], options)
    const refused = createTasks(lab.eye.database, [keyed(definition, 'k')], {
      ...options,
      lockTimeoutMs: 1,
    })
    await expect(refused).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_BUSY' })
  })

  test('of another request is a conflict that names the task, and nothing is created', async () => {
    const lab = await openLab()
    const definition = await lab.define([['a', []]])
    const first = keyed(definition, 'k')
    await createTasks(lab.eye.database, [first], options)
    const [answer] = await createTasks(lab.eye.database, [keyed(definition, 'k', 'other')], options)
    expect(answer).toEqual({ taskId: first.taskId, isCreated: false, isConflict: true })
    expect(await tasksIn(lab)).toBe(1)
  })

  test('that has expired passes to the next request', async () => {
    const lab = await openLab()
    const definition = await lab.define([['a', []]])
    const first = keyed(definition, 'k')
    const second = keyed(definition, 'k', 'other')
    await createTasks(lab.eye.database, [first], { ...options, now: new Date('2026-01-01T00:00Z') })
    const within = { ...options, now: new Date('2026-01-01T00:59Z') }
    const after = { ...options, now: new Date('2026-01-01T01:00Z') }
    expect(await createTasks(lab.eye.database, [second], within)).toMatchObject([
      { taskId: first.taskId, isConflict: true },
    ])
    expect(await createTasks(lab.eye.database, [second], after)).toMatchObject([
      { taskId: second.taskId, isCreated: true },
    ])
  })

  test('means nothing to another task name', async () => {
    const lab = await openLab()
    const [one, other] = [await lab.define([['a', []]]), await lab.define([['a', []]])]
    const batch = [keyed(one, 'k'), keyed(other, 'k')]
    const answers = await createTasks(lab.eye.database, batch, options)
    expect(answers.map(({ isCreated }) => isCreated)).toEqual([true, true])
  })
})

describe('a definition registered by two sessions at once', () => {
  const definition = (digest: string): string =>
    JSON.stringify({
      namespace: 'n',
      name: 't',
      description: '',
      version: '1.0.0',
      digest,
      graph_id: crypto.randomUUID(),
      settings: {},
      annotates: false,
      steps: [],
    })
  const register = (on: Connection, digest: string) =>
    on.query('select * from tasker.register_definition($1::jsonb)', [definition(digest)])

  async function race(lab: Lab) {
    const [first, second] = [await lab.connect(), await lab.connect()]
    await first.query('begin')
    const stored = await register(first, 'same')
    const losing = start(second, () => register(second, 'same'))
    await waitsForLock(lab, losing)
    await first.query('commit')
    return { stored, losing }
  }

  test('is stored once, and both get its id', async () => {
    const { stored, losing } = await race(await openLab())
    expect(await valueOf(losing)).toEqual(stored)
  })

  test('without the row lock of its name, the second fails on the key', async () => {
    const lab = await openLab()
    const namespace = `insert into tasker.task_namespaces (name) values ('n')`
    await lab.eye.query(namespace)
    await lab.eye.query(`insert into tasker.named_tasks (namespace_id, name) values (1, 't')`)
    await withoutRule(lab, 'register_definition', (sql) => {
      const from = sql.indexOf('  insert into tasker.task_namespaces')
      const to = sql.indexOf('  -- The row lock above')
      return `${sql.slice(0, from)}  v_namespace_id := 1;\n  v_named_task_id := 1;\n${sql.slice(to)}`
    })
    const { losing } = await race(lab)
    expect(await losing.ending).toEqual({ sqlState: '23505' })
  })
})
