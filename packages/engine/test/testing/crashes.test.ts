// Workers of the kit that crash at a named point: what is recorded then, what runs again, and when.
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { defineTask } from '../../src/definitions/builder.ts'
import {
  defineShape,
  randomShape,
  type CrashPoint,
  type TestTasker,
} from '../../src/testing/index.ts'
import { kitFor } from './kit.ts'

/** Three steps in a row; `ran` has each attempt that came to its handler. */
async function withOrder(): Promise<{ kit: TestTasker; ran: string[]; order: Order }> {
  const ran: string[] = []
  const order = orderOf(ran)
  return { kit: await kitFor({ definitions: [order] }), ran, order }
}

type Order = ReturnType<typeof orderOf>
const orderOf = (ran: string[]) =>
  defineTask({ name: 'order' })
    .step('fetch', async ({ claimNo }) => void ran.push(`fetch ${claimNo}`))
    .step('charge', { dependsOn: ['fetch'] }, async ({ attempt, claimNo }) => {
      ran.push(`charge ${claimNo}`)
      return { attempt }
    })
    .step(
      'notify',
      { dependsOn: ['charge'] },
      async ({ claimNo }) => void ran.push(`notify ${claimNo}`),
    )

test('before the handler: it never started, and runs once, by another worker, on the same attempt', async () => {
  const { kit, ran, order } = await withOrder()
  kit.crash(order, 'charge', 'before_handler')
  const task = await kit.create(order, { context: {} })
  expect(await kit.runNext()).toEqual(['fetch'])
  expect(await kit.runNext()).toEqual(['charge'])
  await task.expectSteps({ charge: { state: 'in_progress', attempts: 1 }, notify: 'pending' })

  const done = await task.runToEnd()
  expect(done.state).toBe('complete')
  expect(ran).toEqual(['fetch 1', 'charge 2', 'notify 1'])
  await task.expectSteps({ charge: { attempts: 1, losses: 1, result: { attempt: 1 } } })
})

test('after the handler: its work is done and not recorded, so it runs again', async () => {
  const { kit, ran, order } = await withOrder()
  kit.crash(order, 'charge', 'after_handler')
  const task = await kit.create(order, { context: {} })
  await task.runToEnd()
  expect(ran).toEqual(['fetch 1', 'charge 1', 'charge 2', 'notify 1'])
  await task.expectHistory({
    charge: ['in_progress', 'error', 'in_progress', 'complete'],
  })
  const lost = (await kit.tasker.tasks.history(task.taskId)).find(
    ({ reason }) => reason === 'worker_lost',
  )
  expect(lost).toMatchObject({ step: 'charge', from: 'in_progress', to: 'error' })
})

test('nothing is taken over before the lease of the dead worker has run out', async () => {
  const { kit, order } = await withOrder()
  kit.crash(order, 'fetch', 'after_handler')
  const task = await kit.create(order, { context: {} })
  await kit.runNext()
  const { leaseMs } = kit.tasker.config.orchestration
  await kit.clock.advance(leaseMs - 1)
  expect(await kit.runNext()).toEqual([])
  await task.expectSteps({ fetch: { state: 'in_progress', isWorkerLive: true } })
  await kit.clock.advance(1)
  await task.expectSteps({ fetch: { state: 'in_progress', isWorkerLive: false } })
})

test('after the record: the handler does not run again, and what the lost answer brought is taken over', async () => {
  const { kit, ran, order } = await withOrder()
  kit.crash(order, 'charge', 'after_record')
  const task = await kit.create(order, { context: {} })
  expect((await task.runToEnd()).state).toBe('complete')
  expect(ran).toEqual(['fetch 1', 'charge 1', 'notify 2'])
  await task.expectHistory({ charge: ['in_progress', 'complete'] })
  await task.expectSteps({ charge: { losses: 0 }, notify: { losses: 1 } })
})

test('a failure that was recorded is retried like any other', async () => {
  const { kit, order } = await withOrder()
  kit.failStep(order, 'charge', { attempt: 1 })
  kit.crash(order, 'charge', 'after_record')
  const task = await kit.create(order, { context: {} })
  expect((await task.runToEnd()).state).toBe('complete')
  await task.expectSteps({ charge: { attempts: 2, losses: 0 } })
})

test('a step that crashes every worker ends in error by its own limit', async () => {
  const { kit, ran, order } = await withOrder()
  kit.crash(order, 'charge', 'after_handler', { times: 100 })
  const task = await kit.create(order, { context: {} })
  expect((await task.runToEnd()).state).toBe('error')
  expect(ran).toHaveLength(1 + kit.tasker.config.execution.workerLostLimit)
  await task.expectSteps({ charge: 'error', notify: { state: 'pending', attempts: 0 } })
})

const inTransaction = (kit: TestTasker) => {
  const ledger = new pg.Client({ connectionString: kit.database.url })
  onTestFinished(() => ledger.end())
  return ledger
}

const paying = defineTask({ name: 'paying' })
  .step('pay', { transaction: true, timeoutMs: 60_000 }, async ({ tx, claimNo }) => {
    await tx.query('insert into payments (claim_no) values ($1)', [claimNo])
    return { claimNo }
  })
  .step('thank', { dependsOn: ['pay'] }, async () => ({ ok: true }))

test.for<[CrashPoint, { readonly paidBy: number; readonly losses: number }]>([
  ['before_handler', { paidBy: 2, losses: 1 }],
  ['after_handler', { paidBy: 2, losses: 1 }],
  ['before_commit', { paidBy: 2, losses: 1 }],
  ['after_record', { paidBy: 1, losses: 0 }],
])(
  'a transaction that crashes at %s has paid exactly once',
  async ([point, { paidBy, losses }]) => {
    const kit = await kitFor({ definitions: [paying] })
    const ledger = inTransaction(kit)
    await ledger.connect()
    await ledger.query('create table payments (claim_no integer)')
    kit.crash(paying, 'pay', point)
    const task = await kit.create(paying, { context: {} })
    await kit.runNext()
    const isRecorded = point === 'after_record'
    expect((await ledger.query('select claim_no from payments')).rowCount).toBe(isRecorded ? 1 : 0)
    await task.expectSteps({ pay: isRecorded ? 'complete' : 'in_progress' })

    expect((await task.runToEnd()).results.pay).toEqual({ claimNo: paidBy })
    expect((await ledger.query('select claim_no from payments')).rows).toEqual([
      { claim_no: paidBy },
    ])
    await task.expectSteps({ pay: { attempts: 1, losses }, thank: 'complete' })
  },
)

test('a step without a transaction has no commit to crash before', async () => {
  const { kit, order } = await withOrder()
  expect(() => kit.crash(order, 'charge', 'before_commit')).toThrow(
    'Step "charge" of default/order@0.1.0 has no transaction: true, so it has no before_commit.',
  )
})

test.for([1, 2, 3, 4, 5, 6])(
  'a random graph (seed %i) whose workers crash again and again completes, each step once recorded',
  async (seed) => {
    const points: readonly CrashPoint[] = ['before_handler', 'after_handler', 'after_record']
    const shape = randomShape(seed, { stepsMax: 20 })
    const definition = defineShape(shape)
    const kit = await kitFor({ definitions: [definition] })
    for (const [index, { name }] of shape.steps.entries()) {
      const point = points[(index + seed) % 4]
      if (point !== undefined) kit.crash(definition, name, point)
    }
    const task = await kit.create(definition, { context: {} })
    expect((await task.runToEnd()).state).toBe('complete')
    const history = await kit.tasker.tasks.history(task.taskId)
    for (const { name } of shape.steps) {
      await task.expectSteps({ [name]: { state: 'complete', attempts: 1 } })
      expect(history.filter(({ step, to }) => step === name && to === 'complete')).toHaveLength(1)
    }
  },
)
