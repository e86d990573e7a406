// A handler of a step with `transaction: true` that ends its transaction itself, or uses what it may of it.
import { expect, test } from 'vitest'
import { defineTask } from '../../src/definitions/builder.ts'
import type { RunStep } from '../../src/definitions/model.ts'
import { RetryableError } from '../../src/errors.ts'
import { attemptsOf, statesOf } from './handlers.ts'
import { ledgerOfFile } from './ledger.ts'
import { stageOf, transaction } from './transaction-stage.ts'

const { database, entriesOf } = ledgerOfFile()
const setup = stageOf(database)
const never = new Promise<never>(() => undefined)

const endings = [
  ['commits it', ['commit']],
  ['rolls it back', ['rollback']],
  ['begins another', ['commit', 'begin']],
  ['chains another', ['commit and chain']],
] as const
const thrown = async (): Promise<never> => {
  throw new RetryableError('the gateway is closed')
}
const afterwards: readonly (readonly [string, RunStep])[] = [
  ['returns', async () => null],
  ['asks to wait', async (execution) => execution.waitUntil(new Date(0), 'again')],
  ['throws', thrown],
  ['fails in a later statement', async ({ tx }) => tx?.query('begin; select 1 / 0')],
]

test.each(
  endings.flatMap(([ending, statements]) =>
    afterwards.map(([after, end]) => ({ ending, after, statements, end })),
  ),
)(
  'a handler that ends its own transaction is told so, for good: one that $ending and $after',
  async ({ statements, end }) => {
    const definition = defineTask({ name: 'ends_its_own' }).step(
      'book',
      transaction,
      async (execution) => {
        for (const statement of statements) await execution.tx.query(statement)
        return end(execution)
      },
    )
    const { tasker, events } = await setup([definition])
    const { taskId } = await tasker.tasks.create(definition, { context: {} })
    const task = await tasker.tasks.waitFor(taskId)
    expect(statesOf(task)).toEqual({ book: 'error' })
    expect(attemptsOf(task)).toEqual({ book: 1 })
    expect(await events.until('step.failed')).toMatchObject({
      error: { code: 'TRANSACTION_ENDED_BY_HANDLER' },
    })
  },
)

test('a handler that commits its own transaction and outlives its timeout is told so, for good', async () => {
  const definition = defineTask({ name: 'commits_and_hangs' }).step(
    'book',
    { transaction: true, timeoutMs: 50 },
    async ({ tx, taskId }) => {
      await tx.query('insert into ledger values ($1, $2)', [taskId, 'once'])
      await tx.query('commit')
      return never
    },
  )
  const { tasker, events } = await setup([definition])
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  expect(statesOf(await tasker.tasks.waitFor(taskId))).toEqual({ book: 'error' })
  expect(events.of('step.failed')).toMatchObject([
    { error: { code: 'TRANSACTION_ENDED_BY_HANDLER' } },
  ])
  expect(await entriesOf(taskId)).toEqual(['once'])
})

test('what the handler threw after it had ended its transaction is not lost', async () => {
  const definition = defineTask({ name: 'commits_and_throws' }).step(
    'book',
    transaction,
    async ({ tx }) => {
      await tx.query('commit')
      return thrown()
    },
  )
  const { tasker, events } = await setup([definition])
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await tasker.tasks.waitFor(taskId)
  const [failed] = events.of('step.failed')
  expect(failed?.error['message']).toContain('RetryableError: the gateway is closed')
})

test('a handler whose statement failed is tried again: its transaction is still its own', async () => {
  const definition = defineTask({ name: 'fails_once' }).step(
    'book',
    transaction,
    async ({ tx, attempt }) => {
      await tx.query('savepoint here')
      await tx.query('rollback to savepoint here')
      await tx.query(`select 1 / ${attempt - 1}`)
      return null
    },
  )
  const { tasker } = await setup([definition])
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  const task = await tasker.tasks.waitFor(taskId)
  expect(statesOf(task)).toEqual({ book: 'complete' })
  expect(attemptsOf(task)).toEqual({ book: 2 })
})

test('a handler may use savepoints', async () => {
  const definition = defineTask({ name: 'savepoints' }).step(
    'book',
    transaction,
    async ({ tx, taskId }) => {
      await tx.query('savepoint here')
      await tx.query('insert into ledger values ($1, $2)', [taskId, 'undone'])
      await tx.query('rollback to savepoint here')
      await tx.query('insert into ledger values ($1, $2)', [taskId, 'kept'])
      return null
    },
  )
  const { tasker } = await setup([definition])
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  expect((await tasker.tasks.waitFor(taskId)).state).toBe('complete')
  expect(await entriesOf(taskId)).toEqual(['kept'])
})
