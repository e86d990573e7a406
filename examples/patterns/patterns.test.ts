// What each pattern promises, with the systems around it as the test says. That the programs print what they say is
// programs.test.ts.
import { describe, expect, test } from 'vitest'
import { processing } from './business-events.ts'
import { packing } from './custom-events.ts'
import { accounts, balances, transfer } from './database-transaction.ts'
import { orderByType } from './dynamic-steps.ts'
import { chargeThrough, GatewayError } from './error-detail.ts'
import { orderImport } from './handler-base-classes.ts'
import { openPattern } from './open-pattern.ts'
import { shiftOf } from './priorities.ts'
import { NoRecommendations, pageWith } from './recoverable-errors.ts'
import { loadOfMachine, renderingOn, type Load } from './resource-aware.ts'
import { quoteWith } from './result-caching.ts'
import { inspectionOf } from './result-schemas.ts'
import { imports, pipeline, withMeasures, withoutSecrets } from './result-transformers.ts'
import { oneAtATime } from './run-alone.ts'
import { contractWith } from './waiting-outside.ts'

describe('result caching', () => {
  test('asks once for each currency, and again when a minute has passed', async () => {
    const asked: string[] = []
    const quote = quoteWith({
      async rateOf(currency) {
        asked.push(currency)
        return 2
      },
    })
    const kit = await openPattern([quote])
    for (const currency of ['USD', 'USD', 'GBP']) {
      const { results } = await kit.run(quote, { context: { currency, amount: 10 } })
      expect(results.price).toBe(20)
    }
    expect(asked).toEqual(['USD', 'GBP'])
    await kit.clock.advance(60_000)
    await kit.run(quote, { context: { currency: 'USD', amount: 10 } })
    expect(asked).toEqual(['USD', 'GBP', 'USD'])
  })

  test('keeps nothing of a bank that did not answer', async () => {
    let calls = 0
    const quote = quoteWith({
      async rateOf() {
        calls += 1
        if (calls === 1) throw new Error('closed')
        return 2
      },
    })
    const kit = await openPattern([quote])
    const { results } = await kit.run(quote, { context: { currency: 'USD', amount: 1 } })
    expect([results.price, calls]).toEqual([2, 2])
  })
})

describe('business events', () => {
  test('have one form, and are published once the step is recorded', async () => {
    const kit = await openPattern([processing])
    await kit.run(processing, { context: { orderId: 'A-1' } })
    expect(kit.events.of('custom')).toMatchObject([
      {
        name: 'order.processed',
        payload: { domain: 'order', action: 'processed', entity_id: 'A-1', total: 42 },
      },
    ])
  })
})

describe('result schemas', () => {
  test('apply defaults, and hand on what the next step reads', async () => {
    const inspected = inspectionOf(() => ({ status: 'partial', rows: 2 }))
    const kit = await openPattern([inspected])
    const { results } = await kit.run(inspected, { context: {} })
    expect(results).toEqual({
      inspect: { status: 'partial', rows: 2, notes: [] },
      report: { text: 'partial: 2 rows, 0 notes' },
    })
  })

  test('end the step at its first attempt, and what depends on it does not run', async () => {
    const inspected = inspectionOf(() => ({ status: 'success', rows: 'secret' }))
    const kit = await openPattern([inspected])
    const { state, steps } = await kit.run(inspected, { context: {} })
    expect(state).toBe('error')
    expect(steps.map((step) => [step.attempts, step.error?.['code']])).toEqual([
      [1, 'RESULT_INVALID'],
      [0, undefined],
    ])
    expect(JSON.stringify(steps)).not.toContain('secret')
  })
})

describe('result transformers', () => {
  test('take secrets out before anything is stored, in a class and around a function', async () => {
    const kit = await openPattern([imports])
    const { results } = await kit.run(imports, { context: {} })
    const stored = {
      records: ['a', 'b'],
      source: { url: 'ftp://files' },
      measures: { records: 2 },
    }
    expect(results).toEqual({ by_class: stored, by_function: stored })
  })

  test('are applied in their order', () => {
    expect(
      pipeline(withMeasures, withoutSecrets)({ password: 'x', list: [{ api_key: 1 }] }),
    ).toEqual({ list: [{}], measures: { records: 0 } })
  })
})

describe('a database step with a transaction', () => {
  test('writes all or nothing', async () => {
    const kit = await openPattern([transfer, accounts, balances])
    await kit.run(accounts, { context: {} })
    const context = { from: 'ann', to: 'bob', cents: 70 }
    expect((await kit.run(transfer, { context })).state).toBe('complete')
    const second = await kit.run(transfer, { context })
    expect(second.steps[0]).toMatchObject({ attempts: 1, error: { code: 'INSUFFICIENT_FUNDS' } })
    expect((await kit.run(balances, { context: {} })).results.read).toEqual([
      { name: 'ann', cents: 30 },
      { name: 'bob', cents: 70 },
    ])
  })

  test('writes once, though its worker dies before the commit', async () => {
    const kit = await openPattern([transfer, accounts, balances])
    await kit.run(accounts, { context: {} })
    kit.crash(transfer, 'book', 'before_commit')
    const context = { from: 'ann', to: 'bob', cents: 70 }
    expect((await kit.run(transfer, { context })).results.book).toEqual({ left: 30 })
  })
})

describe('a base class for handlers', () => {
  test('inserts in batches, and says that refused rows stay refused', async () => {
    const kit = await openPattern([orderImport])
    const ids = Array.from({ length: 2_500 }, (_, index) => String(index))
    const first = await kit.run(orderImport, { context: { ids } })
    expect(first.results.import).toEqual({ imported: 2_500 })
    const again = await kit.run(orderImport, { context: { ids: ['7'] } })
    expect(again.steps[0]).toMatchObject({
      attempts: 1,
      error: { code: 'ROWS_REFUSED', causes: [{ code: '23505' }] },
    })
  })
})

describe('a resource-aware step', () => {
  test('waits while there is no room, says why, and spends no attempt', async () => {
    const loads: Load[] = [{ processorShare: 0.1, memoryShare: 0.95 }]
    const rendering = renderingOn(() => loads.shift() ?? { processorShare: 0, memoryShare: 0 })
    const kit = await openPattern([rendering])
    const task = await kit.create(rendering, { context: {} })
    await kit.runNext()
    const why = await kit.tasker.tasks.why(task.taskId)
    expect(why.steps[0]?.explanation).toContain('no room: processors 10 %, memory 95 %')
    const done = await task.runToEnd()
    expect(done.steps[0]).toMatchObject({ state: 'complete', attempts: 1 })
  })

  test('can ask this machine', () => {
    const { processorShare, memoryShare } = loadOfMachine()
    expect(processorShare).toBeGreaterThanOrEqual(0)
    expect(memoryShare).toBeGreaterThan(0)
    expect(memoryShare).toBeLessThan(1)
  })
})

test('of ready steps, those of higher priority go first, over all tasks', async () => {
  const started: string[] = []
  const shift = shiftOf((step) => started.push(step))
  const kit = await openPattern([shift], { execution: oneAtATime })
  const tasks = [
    await kit.create(shift, { context: { ward: 'A' } }),
    await kit.create(shift, { context: { ward: 'B' } }),
  ]
  for (const task of tasks) await task.runToEnd()
  const ranks = ['answer_alarm', 'see_patient', 'take_blood', 'tidy_up']
  expect(started).toEqual(ranks.flatMap((step) => [step, step]))
})

test('custom events of an attempt that throws are dropped', async () => {
  const kit = await openPattern([packing])
  await kit.run(packing, { context: {} })
  expect(kit.events.of('custom').map(({ name, attempt }) => [name, attempt])).toEqual([
    ['parcel.opened', 2],
    ['parcel.packed', 2],
  ])
})

test('dynamic steps are those of the context, with the limits of the context', async () => {
  const kit = await openPattern([orderByType])
  const urgent = await kit.run(orderByType, { context: { types: ['book'], isUrgent: true } })
  expect(urgent.steps.map(({ name, retryLimit }) => [name, retryLimit])).toEqual([
    ['validate', 10],
    ['process[book]', 10],
    ['finalize', 10],
  ])
  const empty = await kit.run(orderByType, { context: { types: [] } })
  expect(empty.results.finalize).toEqual([])
})

describe('a recoverable error', () => {
  test('is a success with a fallback; any other fails the step', async () => {
    const page = pageWith(async (customer) => {
      throw customer === 'new' ? new NoRecommendations('unknown') : new Error('the system is away')
    })
    const kit = await openPattern([page])
    const recovered = await kit.run(page, { context: { customer: 'new' } })
    expect(recovered.results).toMatchObject({
      recommend: { source: 'fallback', why: 'unknown' },
      render: 'bestseller (fallback)',
    })
    expect((await kit.run(page, { context: { customer: 'old' } })).state).toBe('error')
  })
})

describe('an error with more detail', () => {
  const context = { orderId: 'A-7', cents: 250 }

  test('keeps the code, the context and what was behind it', async () => {
    const charge = chargeThrough(async () => {
      throw new GatewayError('51', 'insufficient funds')
    })
    const kit = await openPattern([charge])
    const { steps } = await kit.run(charge, { context })
    expect(steps[0]).toMatchObject({
      attempts: 1,
      error: {
        class: 'PermanentError',
        code: 'DECLINED',
        context,
        causes: [{ class: 'GatewayError', code: '51', message: 'insufficient funds' }],
        retryable: false,
      },
    })
  })

  test('says when to try again, and that is when it is tried again', async () => {
    const charge = chargeThrough(async (_cents, attempt) => {
      if (attempt === 1) throw new GatewayError('BUSY', 'later')
      return 'ch-1'
    })
    const kit = await openPattern([charge])
    expect((await kit.run(charge, { context })).results.charge).toEqual({ id: 'ch-1' })
    expect(kit.clock.monotonicMs()).toBe(50)
  })
})

test('a step that waits for somebody holds no slot, and goes on when it is woken', async () => {
  let decision: 'approved' | null = null
  const contract = contractWith({ decisionOn: async () => decision })
  const kit = await openPattern([contract], { execution: oneAtATime })
  const task = await kit.create(contract, { context: { contract: 'C-1' } })
  expect(await kit.runNext()).toEqual(['approval'])
  const why = await kit.tasker.tasks.why(task.taskId)
  expect(why.steps[0]?.explanation).toContain('nobody has decided yet')
  expect(kit.tasker.worker.runningCount).toBe(0)
  decision = 'approved'
  await kit.tasker.tasks.wake(task.taskId)
  const done = await task.runToEnd()
  expect(done.results.file).toBe('approved')
  expect(done.steps[0]).toMatchObject({ attempts: 1 })
})
