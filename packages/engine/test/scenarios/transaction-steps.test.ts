// Steps with `transaction: true`: the handler's writes and its outcome commit together or not at all.
import { expect, test } from 'vitest'
import { defineTask } from '../../src/definitions/builder.ts'
import { PermanentError } from '../../src/errors.ts'
import { attemptsOf, gate, statesOf } from './handlers.ts'
import { ledgerOfFile } from './ledger.ts'
import { stage } from './stage.ts'

const { database, entriesOf } = ledgerOfFile()

test('writes, result and the release of the children commit together', async () => {
  const seen: unknown[] = []
  const definition = defineTask({ name: 'books' })
    .step('book', { transaction: true, timeoutMs: 60_000 }, async ({ tx, taskId }) => {
      await tx.query('insert into ledger values ($1, $2)', [taskId, 'booked'])
      return { booked: true }
    })
    .step('check', { dependsOn: ['book'] }, async ({ taskId, results }) => {
      seen.push(await entriesOf(taskId), results.book)
    })
  const { tasker, run } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  const task = await run(taskId)
  expect(task.state).toBe('complete')
  expect(attemptsOf(task)).toEqual({ book: 1, check: 1 })
  expect(seen).toEqual([['booked'], { booked: true }])
})

test('a handler that fails after writing leaves nothing behind, and the next attempt writes once', async () => {
  const definition = defineTask({ name: 'books_twice' }).step(
    'book',
    { transaction: true, timeoutMs: 60_000 },
    async ({ tx, taskId, attempt }) => {
      await tx.query('insert into ledger values ($1, $2)', [taskId, `attempt ${attempt}`])
      if (attempt === 1) throw new Error('after the write')
      return null
    },
  )
  const { tasker, run } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  const task = await run(taskId)
  expect(task.state).toBe('complete')
  expect(attemptsOf(task)).toEqual({ book: 2 })
  expect(await entriesOf(taskId)).toEqual(['attempt 2'])
})

test('a result that cannot be stored and a PermanentError roll the writes back too', async () => {
  const definition = defineTask({ name: 'books_nothing' })
    .step('bad_result', { transaction: true, timeoutMs: 60_000 }, async ({ tx, taskId }) => {
      await tx.query('insert into ledger values ($1, $2)', [taskId, 'bad result'])
      return { text: 'a\0b' }
    })
    .step('permanent', { transaction: true, timeoutMs: 60_000 }, async ({ tx, taskId }) => {
      await tx.query('insert into ledger values ($1, $2)', [taskId, 'permanent'])
      throw new PermanentError('no')
    })
  const { tasker, run } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  const task = await run(taskId)
  expect(statesOf(task)).toEqual({ bad_result: 'error', permanent: 'error' })
  expect(attemptsOf(task)).toEqual({ bad_result: 1, permanent: 1 })
  expect(await entriesOf(taskId)).toEqual([])
})

test('a statement that PostgreSQL refuses fails the attempt, not the worker', async () => {
  const definition = defineTask({ name: 'bad_statement' }).step(
    'book',
    { transaction: true, timeoutMs: 60_000, retry: { limit: 2 } },
    async ({ tx, taskId, attempt }) => {
      await tx.query('insert into ledger values ($1, $2)', [taskId, `attempt ${attempt}`])
      if (attempt === 1) await tx.query('insert into no_such_table values (1)')
      return null
    },
  )
  const { tasker, run } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  expect((await run(taskId)).state).toBe('complete')
  expect(await entriesOf(taskId)).toEqual(['attempt 2'])
})

test('a handler that swallows the error of its statement does not get its step recorded as complete', async () => {
  const definition = defineTask({ name: 'swallows' }).step(
    'book',
    { transaction: true, timeoutMs: 60_000, retry: { limit: 1 } },
    async ({ tx, taskId }) => {
      await tx.query('insert into ledger values ($1, $2)', [taskId, 'swallowed'])
      await tx.query('insert into no_such_table values (1)').catch(() => undefined)
      return null
    },
  )
  const { tasker, run } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  expect(statesOf(await run(taskId))).toEqual({ book: 'error' })
  expect(await entriesOf(taskId)).toEqual([])
})

test('an outcome that is refused rolls the writes back: the task was cancelled meanwhile, elsewhere', async () => {
  const written = gate()
  const cancelled = gate()
  const definition = defineTask({ name: 'cancelled_while_booking' }).step(
    'book',
    { transaction: true, timeoutMs: 60_000 },
    async ({ tx, taskId }) => {
      await tx.query('insert into ledger values ($1, $2)', [taskId, 'cancelled'])
      written.open()
      await cancelled.opened
      return null
    },
  )
  const worker = await stage(database.url, { definitions: [definition] })
  const operator = await stage(database.url, { definitions: [definition], isWorking: false })
  const { taskId } = await worker.tasker.tasks.create(definition, { context: {} })
  await written.opened
  await operator.tasker.tasks.cancel(taskId)
  cancelled.open()
  const task = await worker.run(taskId)
  expect(task.state).toBe('cancelled')
  expect(await entriesOf(taskId)).toEqual([])
  expect(worker.tasker.worker.runningCount).toBe(0)
})

test('two steps with transactions that join in one child run the child once, after both commits', async () => {
  const seen: unknown[] = []
  const definition = defineTask({ name: 'books_two' })
    .step('left', { transaction: true, timeoutMs: 60_000 }, async ({ tx, taskId }) => {
      await tx.query('insert into ledger values ($1, $2)', [taskId, 'left'])
    })
    .step('right', { transaction: true, timeoutMs: 60_000 }, async ({ tx, taskId }) => {
      await tx.query('insert into ledger values ($1, $2)', [taskId, 'right'])
    })
    .step('sum', { dependsOn: ['left', 'right'] }, async ({ taskId }) => {
      seen.push(await entriesOf(taskId))
    })
  const { tasker, run } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  expect((await run(taskId)).state).toBe('complete')
  expect(seen).toEqual([['left', 'right']])
})

test('with a database of its own Tasker refuses such a definition at the start', async () => {
  const definition = defineTask({ name: 'unavailable' }).step(
    'book',
    { transaction: true, timeoutMs: 1 },
    async () => null,
  )
  await expect(
    stage(database.url, { definitions: [definition], separate: true, isWorking: false }),
  ).rejects.toMatchObject({ code: 'TRANSACTION_UNAVAILABLE' })
})
