// Limits of dependent systems: who is kept back waits without an attempt, `why` says for what, and nothing is sent meanwhile.
import { describe, expect, test } from 'vitest'
import { httpStep } from '../../src/definitions/api-steps/http-step.ts'
import { defineTask } from '../../src/definitions/builder.ts'
import { silentLogger } from '../../src/log.ts'
import { HttpError, type HttpClient } from '../../src/http/model.ts'
import { DependentSystems } from '../../src/http/systems/dependent-systems.ts'
import type { SystemLimits, SystemUnavailable } from '../../src/http/systems/limits.ts'
import { HttpVerbs } from '../../src/http/verbs.ts'
import { testClock } from '../../src/testing/index.ts'
import { databaseForFile } from '../support/database.ts'
import { stage, type Stage } from '../scenarios/stage.ts'
import { loopback, otherSystem, type Answer, type OtherSystem } from './other-system.ts'

const database = databaseForFile()

interface Called extends Stage {
  readonly system: OtherSystem
  /** What the system answers from now on. */
  answer: Answer | (() => Promise<Answer>)
  /** A new task of one step. */
  readonly create: () => Promise<string>
  /** The same, and all that is due is run. */
  readonly call: () => Promise<string>
}

let definitions = 0

async function calling(limits: SystemLimits, retryLimit = 3): Promise<Called> {
  const system = await otherSystem(() =>
    typeof set.answer === 'function' ? set.answer() : set.answer,
  )
  definitions += 1
  const definition = defineTask({ name: `limited_${definitions}` }).step(
    'send',
    { retry: { limit: retryLimit }, dependentSystem: 'shop' },
    httpStep({ baseUrl: system.url }),
  )
  const staged = await stage(database.url, {
    definitions: [definition],
    dependentSystems: { shop: limits },
    random: () => 0,
    ...loopback,
  })
  const create = async (): Promise<string> =>
    (await staged.tasker.tasks.create(definition, { context: {} })).taskId
  const call = async (): Promise<string> => {
    const taskId = await create()
    await staged.tasker.worker.idle()
    return taskId
  }
  const set: Called = { ...staged, system, create, call, answer: {} }
  return set
}

const breaker = { failures: 2, halfOpenAfterMs: 30_000 }

const stepOf = async ({ tasker }: Called, taskId: string) =>
  (await tasker.tasks.get(taskId)).steps[0] ?? expect.unreachable('a task of one step')

const until = (set: Called, ms: number): string => new Date(set.clock.nowMs() + ms).toISOString()

describe('a circuit breaker', () => {
  test('open: nothing is sent, no attempt is spent, and why names system and time', async () => {
    const set = await calling({ circuitBreaker: breaker }, 1)
    set.answer = { status: 503 }
    await set.call()
    await set.call()
    expect(set.system.asked).toHaveLength(2)
    const kept = await set.call()
    expect(set.system.asked).toHaveLength(2)
    expect(await stepOf(set, kept)).toMatchObject({ state: 'pending', attempts: 0, waits: 1 })
    const reason = `circuit_open: shop until ${until(set, 30_000)} (HTTP_503)`
    const why = await set.tasker.tasks.why(kept)
    expect(why.steps).toMatchObject([{ step: 'send', reason: 'wait', why: reason }])
    expect(why.steps[0]?.explanation).toContain(reason)
    const history = await set.tasker.tasks.history(kept)
    expect(history.at(-1)).toMatchObject({
      step: 'send',
      from: 'in_progress',
      to: 'pending',
      reason,
    })
  })

  test('half open: one request tries, the others stay away until it has answered; a success closes it', async () => {
    const set = await calling({ circuitBreaker: breaker }, 1)
    set.answer = { status: 500 }
    await set.call()
    await set.call()
    const kept = [await set.call(), await set.call(), await set.call()]
    set.answer = { body: { ok: true } }
    await set.clock.advance(29_999)
    await set.tasker.worker.idle()
    expect(set.system.asked).toHaveLength(2)
    const trial = Promise.withResolvers<Answer>()
    set.answer = () => trial.promise
    await set.clock.advance(1)
    set.tasker.worker.wake()
    await set.tasker.worker.settled()
    await set.system.arrived(3)
    trial.resolve({ body: { ok: true } })
    for (const taskId of kept) {
      expect(await set.run(taskId)).toMatchObject({ state: 'complete', steps: [{ attempts: 1 }] })
    }
    expect(set.system.asked).toHaveLength(5)
  })

  test('half open: a failure opens it again for its whole time', async () => {
    const set = await calling({ circuitBreaker: breaker }, 1)
    set.answer = { status: 500 }
    await set.call()
    await set.call()
    await set.clock.advance(30_000)
    await set.call()
    expect(set.system.asked).toHaveLength(3)
    const kept = await set.call()
    expect(set.system.asked).toHaveLength(3)
    const [step] = (await set.tasker.tasks.why(kept)).steps
    expect(step).toMatchObject({ why: `circuit_open: shop until ${until(set, 30_000)} (HTTP_500)` })
  })

  test.each([404, 409, 422, 429, 408, 425, 302])(
    '%d is no failure of the system',
    async (status) => {
      const set = await calling({ circuitBreaker: { failures: 1 } }, 1)
      set.answer = { status }
      await set.call()
      await set.call()
      expect(set.system.asked).toHaveLength(2)
    },
  )

  test('neither is what the step itself calls an answer', async () => {
    const system = await otherSystem(() => ({ status: 500, body: { error: 'out of stock' } }))
    const definition = defineTask({ name: 'own_words' }).step(
      'send',
      { retry: { limit: 1 }, dependentSystem: 'shop' },
      httpStep({ baseUrl: system.url, classify: { 500: 'permanent' } }),
    )
    const dependentSystems = { shop: { circuitBreaker: { failures: 1 } } }
    const { tasker } = await stage(database.url, {
      definitions: [definition],
      dependentSystems,
      ...loopback,
    })
    for (let count = 0; count < 3; count += 1)
      await tasker.tasks.create(definition, { context: {} })
    await tasker.worker.idle()
    expect(system.asked).toHaveLength(3)
  })

  test('a handler that calls by hand waits too, without knowing of it', async () => {
    const system = await otherSystem(() => ({ status: 503 }))
    const definition = defineTask({ name: 'by_hand' }).step(
      'send',
      { retry: { limit: 1 }, dependentSystem: 'shop' },
      async ({ http }) => (await http.get(system.url)).status,
    )
    const dependentSystems = { shop: { circuitBreaker: { failures: 1 } } }
    const { tasker } = await stage(database.url, {
      definitions: [definition],
      dependentSystems,
      ...loopback,
    })
    const states = []
    for (let count = 0; count < 2; count += 1) {
      const { taskId } = await tasker.tasks.create(definition, { context: {} })
      await tasker.worker.idle()
      states.push((await tasker.tasks.get(taskId)).steps[0]?.state)
    }
    expect(states).toEqual(['complete', 'pending'])
    expect(system.asked).toHaveLength(1)
  })

  test('other systems, and steps that name none, go on', async () => {
    const broken = await otherSystem(() => ({ status: 503 }))
    const well = await otherSystem()
    const limits = { retry: { limit: 1 } } as const
    const definition = defineTask({ name: 'neighbours' })
      .step('shop', { ...limits, dependentSystem: 'shop' }, httpStep({ baseUrl: broken.url }))
      .step('bank', { ...limits, dependentSystem: 'bank' }, httpStep({ baseUrl: well.url }))
      .step('none', limits, httpStep({ baseUrl: broken.url }))
    const circuitBreaker = { failures: 1 }
    const { tasker } = await stage(database.url, {
      definitions: [definition],
      dependentSystems: { shop: { circuitBreaker }, bank: { circuitBreaker } },
      ...loopback,
    })
    for (let count = 0; count < 2; count += 1) {
      await tasker.tasks.create(definition, { context: {} })
      await tasker.worker.idle()
    }
    expect(broken.asked).toHaveLength(3) // shop once, none twice
    expect(well.asked).toHaveLength(2)
  })
})

test('no more requests at once than the system bears; who is kept back comes in turn', async () => {
  const set = await calling({ maxConcurrentRequests: 2 })
  let now = 0
  let most = 0
  const gates: (() => void)[] = []
  set.answer = () => {
    now += 1
    most = Math.max(most, now)
    const { promise, resolve } = Promise.withResolvers<Answer>()
    gates.push(() => {
      now -= 1
      resolve({})
    })
    return promise
  }
  const { tasker, clock, system } = set
  const ids = []
  for (let count = 0; count < 6; count += 1) ids.push(await set.create())
  await system.arrived(2)
  await tasker.worker.settled()
  const waits = []
  for (const id of ids.slice(2)) waits.push((await tasker.tasks.why(id)).steps[0])
  const first = new Date(clock.nowMs() + 1_000).toISOString()
  expect(waits[0]).toMatchObject({ reason: 'wait', why: `concurrency_full: shop until ${first}` })
  const due = waits.map((step) => step?.nextAt?.getTime() ?? 0)
  expect(due).toEqual([...due].sort((a, b) => a - b))
  expect(new Set(due).size).toBe(4) // not all at one instant
  for (let opened = 0; opened < 6; opened += 1) {
    await system.arrived(opened + 1)
    gates[opened]?.()
    await tasker.worker.settled()
    await clock.advance(5_000)
  }
  await tasker.worker.idle()
  for (const id of ids) expect((await tasker.tasks.get(id)).state).toBe('complete')
  expect(most).toBe(2)
})

test('no more requests in a second than the system bears; the others come in the seconds behind', async () => {
  const set = await calling({ rateLimitPerSecond: 2 })
  const ids = []
  for (let count = 0; count < 5; count += 1) ids.push(await set.call())
  expect(set.system.asked).toHaveLength(2)
  const due = []
  for (const id of ids.slice(2)) due.push((await set.tasker.tasks.why(id)).steps[0])
  expect(
    due.map((step) => step?.nextAt?.getTime() ?? 0).map((at) => at - set.clock.nowMs()),
  ).toEqual([1_000, 1_000, 2_000])
  expect(due[2]).toMatchObject({ why: `rate_limited: shop until ${until(set, 2_000)}` })
  await set.clock.advance(1_000)
  await set.tasker.worker.idle()
  expect(set.system.asked).toHaveLength(4)
  await set.clock.advance(1_000)
  await set.tasker.worker.idle()
  expect(set.system.asked).toHaveLength(5)
})

describe('what counts for the breaker', () => {
  /** A client that fails, or answers with a status, as told. */
  class Told extends HttpVerbs {
    next: number | HttpError = 200
    count = 0

    override async request() {
      this.count += 1
      if (this.next instanceof HttpError) throw this.next
      return { status: this.next, headers: {}, body: null, url: 'https://shop/', durationMs: 1 }
    }
  }

  const errorOf = (code: HttpError['code']): HttpError =>
    new HttpError(code, 'told', { request: { method: 'GET', url: 'https://shop/' }, isSent: false })

  function limited(circuitBreaker: SystemLimits['circuitBreaker']) {
    const clock = testClock()
    const told = new Told()
    const lines: unknown[] = []
    const note = (...line: readonly unknown[]): void => void lines.push(line)
    const systems = new DependentSystems({
      limits: { shop: { circuitBreaker } },
      clock,
      random: () => 0,
      logger: { ...silentLogger, warn: note, info: note },
    })
    return { clock, told, lines, http: systems.limit(told, 'shop') }
  }

  const outcome = async (http: HttpClient): Promise<string> => {
    try {
      return String((await http.get('https://shop/')).status)
    } catch (error) {
      return error instanceof HttpError
        ? error.code
        : (error as SystemUnavailable).reason.slice(0, 12)
    }
  }

  const down = [
    'HTTP_CONNECT_FAILED',
    'HTTP_CONNECT_TIMEOUT',
    'HTTP_TLS',
    'HTTP_TIMEOUT',
    'HTTP_IDLE_TIMEOUT',
    'HTTP_RESET',
    'HTTP_RESPONSE_INVALID',
  ] as const
  const ours = [
    'HTTP_REQUEST_INVALID',
    'HTTP_ADDRESS_REFUSED',
    'HTTP_ABORTED',
    'HTTP_CLOSED',
    'HTTP_RESPONSE_TOO_LARGE',
    'HTTP_REDIRECT',
  ] as const

  test.each(down)('%s counts', async (code) => {
    const { told, http } = limited({ failures: 2 })
    told.next = errorOf(code)
    expect([await outcome(http), await outcome(http), await outcome(http)]).toEqual([
      code,
      code,
      'circuit_open',
    ])
    expect(told.count).toBe(2)
  })

  test.each(ours)('%s does not', async (code) => {
    const { told, http } = limited({ failures: 2 })
    told.next = errorOf(code)
    for (let count = 0; count < 5; count += 1) expect(await outcome(http)).toBe(code)
  })

  test('what says nothing neither opens, nor closes, nor counts as a success in between', async () => {
    const { told, http, clock } = limited({ failures: 2, halfOpenAfterMs: 10_000 })
    const steps: (number | HttpError)[] = [503, 429, errorOf('HTTP_ABORTED'), 503]
    for (const next of steps) {
      told.next = next
      await outcome(http)
    }
    expect(await outcome(http)).toBe('circuit_open')
    await clock.advance(10_000)
    told.next = errorOf('HTTP_ABORTED') // the trial was called off: the next one tries, at once
    expect(await outcome(http)).toBe('HTTP_ABORTED')
    told.next = 503
    expect(await outcome(http)).toBe('503')
    expect(await outcome(http)).toBe('circuit_open') // it had not been closed
    await clock.advance(10_000)
    told.next = 200
    expect([await outcome(http), await outcome(http)]).toEqual(['200', '200'])
    told.next = 503
    expect([await outcome(http), await outcome(http)]).toEqual(['503', '503']) // counted from zero again
    expect(await outcome(http)).toBe('circuit_open')
  })

  test('the log says once that it opened, and once that the system is well again', async () => {
    const { told, http, clock, lines } = limited({ failures: 1, halfOpenAfterMs: 10_000 })
    for (const next of [errorOf('HTTP_CONNECT_FAILED'), 503, 503]) {
      told.next = next
      await outcome(http)
      await outcome(http)
      await clock.advance(10_000)
    }
    const opened = 'its circuit opened; steps that call it wait'
    expect(lines).toEqual([[{ system: 'shop', failure: 'HTTP_CONNECT_FAILED' }, opened]])
    told.next = 200
    expect([await outcome(http), await outcome(http)]).toEqual(['200', '200'])
    expect(lines.slice(1)).toEqual([[{ system: 'shop' }, 'its circuit is closed again']])
  })

  test('by share: opens above the threshold, and not before there are enough requests to tell', async () => {
    const { told, http } = limited({ threshold: 0.5, windowMs: 60_000, minimumRequests: 10 })
    const statuses = [200, 503, 503, 200, 503, 503, 200, 503, 200]
    for (const status of statuses) {
      told.next = status
      expect(await outcome(http)).toBe(String(status))
    }
    told.next = 503 // the tenth: six of ten
    expect(await outcome(http)).toBe('503')
    expect(await outcome(http)).toBe('circuit_open')
  })
})
