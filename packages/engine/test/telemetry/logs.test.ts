// Log lines: their fields, forms, levels and samples, who gets them, and that one id leads from a request to every line about
// it. What is masked in them is parameter-filter.test.ts.
import { execFile } from 'node:child_process'
import { PassThrough, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { pino } from 'pino'
import { describe, expect, onTestFinished, test } from 'vitest'
import { withCorrelationId } from '../../src/correlation.ts'
import { defineTask } from '../../src/definitions/builder.ts'
import { systemClock } from '../../src/clock.ts'
import { createEventBus } from '../../src/events/bus.ts'
import { eventNames } from '../../src/events/names.ts'
import { silentLogger, type Logger } from '../../src/log.ts'
import { openLogs } from '../../src/telemetry/logs/logs.ts'
import { createTasker } from '../../src/tasker.ts'
import { createRouter } from '../../src/telemetry/router/router.ts'
import { categoryOf, logEvents } from '../../src/telemetry/logs/event-lines.ts'
import { databaseForFile } from '../support/database.ts'
import { configOf } from '../config/resolve-input.ts'
import { httpServer } from '../http/stage.ts'
import { failsTimes } from '../scenarios/handlers.ts'
import { stage, type Stage, type StageOptions } from '../scenarios/stage.ts'

const database = databaseForFile()

type Fields = Readonly<Record<string, unknown>>

const pair = defineTask({ namespace: 'logs', name: 'pair' })
  .step('first', async ({ log }) => {
    log.info({ orderId: 7 }, 'looked up')
    log.debug({}, 'not written')
    return null
  })
  .step('second', { dependsOn: ['first'], retry: { limit: 2 } }, failsTimes(1))

/** A destination that keeps its lines. */
function paper() {
  const lines: string[] = []
  return {
    lines,
    write: (line: string): void => void lines.push(line),
    objects: (): readonly Fields[] => lines.map((line) => JSON.parse(line) as Fields),
  }
}

/** Runs one task of `pair` and returns what was written about it. */
async function written(options: Partial<StageOptions> = {}) {
  const logs = paper()
  const staged = await stage(database.url, { definitions: [pair], logs, ...options })
  const { taskId } = await staged.tasker.tasks.create(pair, { context: {} })
  await staged.run(taskId)
  return { ...staged, taskId, logs }
}

describe('lines of what happens', () => {
  test('have the fields that all lines have, and those of the task and the step', async () => {
    const telemetry = { logLevels: { task: 'debug', step: 'debug' } } as const
    const { logs, taskId } = await written({ telemetry })
    const lines = logs.objects()
    expect(lines.map(({ level, message }) => `${String(level)} ${String(message)}`)).toEqual([
      'info Task created',
      'debug Task started',
      'debug Step started',
      'debug Step handler called',
      'info looked up',
      'debug Step completed',
      'debug Step started',
      'debug Step handler called',
      'warn Step failed',
      'info Step will be tried again',
      'debug Step started',
      'debug Step handler called',
      'debug Step completed',
      'info Task completed',
    ])
    for (const line of lines) {
      expect(line).toMatchObject({
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
        correlation_id: taskId,
        component: expect.stringMatching(/^(task|step|handler)$/) as string,
        environment: 'test',
        tasker_version: expect.stringMatching(/^\d/) as string,
        process_id: process.pid,
        worker_id: expect.any(Number) as number,
        task_id: taskId,
        task_name: 'pair',
        namespace: 'logs',
        version: '0.1.0',
      })
    }
    expect(lines.find(({ message }) => message === 'Step completed')).toMatchObject({
      event: 'step.completed',
      event_type: 'completed',
      entity_type: 'step',
      entity_id: `${taskId}/1`,
      step_id: `${taskId}/1`,
      step_name: 'first',
      attempt: 1,
      performance_category: 'fast',
    })
    expect(lines.find(({ message }) => message === 'looked up')).toMatchObject({
      component: 'handler',
      step_name: 'first',
      step_id: `${taskId}/1`,
      attempt: 1,
      orderId: 7,
    })
    const failed = lines.find(({ message }) => message === 'Step failed')
    expect(failed).toMatchObject({
      component: 'step',
      entity_type: 'step',
      attempt: 1,
      exception_class: expect.any(String) as string,
      exception_message: expect.any(String) as string,
      backtrace: expect.arrayContaining([expect.stringContaining('.ts:')]) as string[],
    })
    expect(lines.at(-1)).toMatchObject({
      entity_type: 'task',
      entity_id: taskId,
      task_status: 'complete',
    })
  })

  test('durations have a category', () => {
    const categories = [0, 100, 100.1, 1_000, 1_001, 5_000, 5_001].map(categoryOf)
    expect(categories).toEqual([
      'fast',
      'fast',
      'moderate',
      'moderate',
      'slow',
      'slow',
      'very_slow',
    ])
  })

  test('one id leads from a request to the steps, the call and every line, in two processes', async () => {
    const seen: unknown[] = []
    const server = await httpServer((request, response) => {
      seen.push(request.headers['x-correlation-id'])
      response.end('{}')
    })
    const calling = defineTask({ namespace: 'logs', name: 'calling' }).step(
      'call',
      async ({ http, log }) => {
        await http.get(server.url)
        log.info({}, 'called')
        worker.tasker.log.warn({ from: 'the host' }, 'seen by the host')
        return worker.tasker.logContext()
      },
    )
    const options = { definitions: [calling], http: { allowedAddresses: ['127.0.0.1'] } }
    const [atWorker, atWeb] = [paper(), paper()]
    const worker = await stage(database.url, { ...options, logs: atWorker })
    const web = await stage(database.url, { ...options, logs: atWeb, isWorking: false })
    const { taskId } = await withCorrelationId('req-42', () =>
      web.tasker.tasks.create(calling, { context: {} }),
    )
    const { results } = await worker.run(taskId)
    expect(results['call']).toMatchObject({ correlation_id: 'req-42', step_name: 'call' })
    expect(seen).toEqual(['req-42'])
    const lines = [...atWeb.objects(), ...atWorker.objects()]
    expect(new Set(lines.map(({ correlation_id: id }) => id))).toEqual(new Set(['req-42']))
    expect(atWeb.objects().map(({ message }) => message)).toEqual(['Task created'])
    expect(lines.find(({ message }) => message === 'seen by the host')).toMatchObject({
      component: 'application',
      task_id: taskId,
      step_name: 'call',
      from: 'the host',
    })
  })
})

test('on stdout, every line of a process that ends at once is there', async () => {
  const elsewhere = defineTask({ namespace: 'logs', name: 'elsewhere' }).step(
    'say',
    async () => null,
  )
  // The clock of the other process is the system's.
  const tasker = await createTasker({
    database: { url: database.url, migrate: 'off' },
    definitions: [elsewhere],
  })
  onTestFinished(() => tasker.close())
  const { taskId } = await tasker.tasks.create(elsewhere, { context: {}, correlationId: 'req-8' })
  const script = fileURLToPath(new URL('./logging-process.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--conditions=@tasker/source',
    script,
    database.url,
    taskId,
  ])
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Fields)
  expect(lines.map(({ message }) => message)).toEqual([
    'Task started',
    'Step started',
    'Step handler called',
    'said elsewhere',
    'Step completed',
    'Task completed',
  ])
  expect(new Set(lines.map(({ correlation_id: id }) => id))).toEqual(new Set(['req-8']))
  expect(stdout).not.toContain('hunter2')
})

describe('what is written', () => {
  test('is decided for each component by its level', async () => {
    const { logs } = await written({
      telemetry: { logLevel: 'error', logLevels: { step: 'warn', handler: 'debug' } },
    })
    expect(logs.objects().map(({ message }) => message)).toEqual([
      'looked up',
      'not written',
      'Step failed',
    ])
  })

  test('leaves out filtered events, events that are not routed here, and tasks out of the sample', async () => {
    const options = {
      filteredEvents: ['task.*'],
      routes: { 'step.*': { backends: ['trace' as const] } },
    }
    const { logs } = await written({ telemetry: options })
    expect(logs.objects().map(({ message }) => message)).toEqual(['looked up'])

    const telemetry = { eventSamplingRate: 0.5 }
    const router = createRouter(configOf({ code: { telemetry } }).telemetry, [])
    const half = paper()
    const { tasker, run } = await stage(database.url, {
      definitions: [pair],
      logs: half,
      telemetry,
    })
    const created = await tasker.tasks.createMany(
      Array.from({ length: 12 }, () => ({ definition: pair, context: {} })),
    )
    for (const { taskId } of created) await run(taskId)
    const linesOf = (id: string): number =>
      half.objects().filter(({ task_id: taskId, event }) => taskId === id && event !== undefined)
        .length
    for (const { taskId } of created) {
      expect(linesOf(taskId)).toBe(router.isSampled('task.completed', taskId) ? 4 : 0)
    }
  })

  test('costs nothing where it is not written: such an event has no subscriber, so no payload is made', () => {
    const listenersAt = (telemetry: object): readonly string[] => {
      const config = configOf({ code: { telemetry } })
      const bus = createEventBus(() => undefined)
      const { isWritten, write } = openLogs({
        config,
        clock: systemClock,
        logger: silentLogger,
        own: null,
        activeSpan: () => null,
        workerId: () => null,
      })
      const stop = logEvents(bus, createRouter(config.telemetry, []), { isWritten, write })
      const listened = eventNames.filter((name) => bus.hasSubscribers(name))
      stop()
      expect(eventNames.some((name) => bus.hasSubscribers(name))).toBe(false)
      return listened
    }
    expect(listenersAt({ logLevel: 'fatal' })).toEqual([])
    expect(listenersAt({ enabled: false })).toEqual([])
    expect(listenersAt({ logLevel: 'error' })).toEqual([
      'task.failed',
      'observability.step.max_retries_reached',
    ])
    expect(listenersAt({ logLevel: 'debug' })).toEqual(eventNames)
  })

  test('a component that there is not is refused', async () => {
    await expect(
      stage(database.url, { telemetry: { logLevels: { steps: 'debug' } as never } }),
    ).rejects.toThrow('telemetry.logLevels.steps: unknown key. Did you mean step?')
  })
})

describe('who gets the lines', () => {
  test('is a logger of the host, with the same fields, without and with those of events', async () => {
    const said: (readonly [Fields, string])[] = []
    const note: Logger['info'] = (fields, message) => void said.push([fields, message])
    const logger = { ...silentLogger, info: note, warn: note, error: note }
    const { taskId } = await written({ logs: false, logger })
    expect(said.map(([, message]) => message)).toEqual(['looked up'])
    expect(said[0]?.[0]).toMatchObject({
      task_id: taskId,
      component: 'handler',
      environment: 'test',
    })
    said.length = 0
    await written({ logs: true, logger })
    expect(said.map(([, message]) => message)).toEqual([
      'Task created',
      'looked up',
      'Step failed',
      'Step will be tried again',
      'Task completed',
    ])
  })

  test('pino is such a logger', async () => {
    const stream = new PassThrough()
    const { taskId } = await written({ logger: pino({}, stream) })
    const lines = String(stream.read()).trim().split('\n')
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 30,
      msg: 'Task created',
      task_id: taskId,
    })
  })

  test('a logger or a destination that throws disturbs nobody', async () => {
    const fail = (): never => {
      throw new Error('a defect of the host')
    }
    const logger = { debug: fail, info: fail, warn: fail, error: fail }
    await expect(written({ logs: true, logger })).resolves.toBeDefined()
    const { tasker, taskId } = await written({ logs: { write: fail } })
    await expect(tasker.tasks.get(taskId)).resolves.toMatchObject({ state: 'complete' })
  })

  test('no field of a handler stands for the line, its step or its task', async () => {
    const forging = defineTask({ namespace: 'logs', name: 'forging' }).step(
      'say',
      async ({ log }) => {
        const forged = { level: 'fatal', message: 'all is well', timestamp: 'never' }
        const elsewhere = { component: 'worker', process_id: 1, task_id: 'x', correlation_id: 'y' }
        log.info({ ...forged, ...elsewhere, mine: 1 }, 'said')
        log.info({ rows: Array.from({ length: 10_001 }, () => 1) }, 'much')
        return null
      },
    )
    const logs = paper()
    const staged = await stage(database.url, { definitions: [forging], logs })
    const { taskId } = await staged.tasker.tasks.create(forging, { context: {} })
    await staged.run(taskId)
    const line = logs.lines.find((each) => each.includes('"said"')) ?? ''
    for (const name of ['level', 'message', 'timestamp', 'component', 'task_id', 'process_id'])
      expect(line.split(`"${name}":`)).toHaveLength(2)
    const own = { component: 'handler', task_id: taskId, correlation_id: taskId, level: 'info' }
    expect(JSON.parse(line)).toMatchObject({ ...own, message: 'said', mine: 1 })
    expect(JSON.parse(line)).toMatchObject({ given_level: 'fatal', given_task_id: 'x' })
    const much = logs.objects().find(({ message }) => message === 'much')
    expect(much).toMatchObject({ ...own, step_name: 'say', filter_error: true })
  })

  test('an error is told by a handler that has read a secret too, without it', async () => {
    const failing = defineTask({ namespace: 'logs', name: 'failing' }).step(
      'say',
      async ({ log, secret }) => {
        const key = await secret('KEY')
        const error = new Error(`no ${key}`, { cause: new RangeError(`behind ${key}`) })
        log.warn({ err: error, count: 7n, seen: new Map([['a', new Set([key])]]) }, 'refused')
        return null
      },
    )
    const logs = paper()
    const secrets = async (): Promise<string> => 'hunter2hunter2'
    const staged = await stage(database.url, { definitions: [failing], logs, secrets })
    const { taskId } = await staged.tasker.tasks.create(failing, { context: {} })
    await staged.run(taskId)
    expect(logs.objects().find(({ message }) => message === 'refused')).toMatchObject({
      exception_class: 'Error',
      exception_message: 'no [REDACTED]',
      exception_causes: [{ class: 'RangeError', message: 'behind [REDACTED]' }],
      count: '7',
      seen: { a: ['[REDACTED]'] },
    })
    expect(logs.lines.join('')).not.toContain('hunter2')
  })

  test('fields that cannot be read are left out, and that is said', async () => {
    const trap = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('no')
        },
      },
    )
    const { tasker, logs } = await written()
    tasker.log.info({ trap, password: 'marker' }, 'still said')
    expect(logs.objects().at(-1)).toMatchObject({ message: 'still said', filter_error: true })
    expect(logs.lines.at(-1)).not.toContain('marker')
  })

  test('a destination that is too slow makes nobody wait', async () => {
    const stuck = new Writable({ highWaterMark: 1, write: () => undefined })
    onTestFinished(() => void stuck.destroy())
    const { tasker, taskId } = await written({ logs: stuck })
    await expect(tasker.tasks.get(taskId)).resolves.toMatchObject({ state: 'complete' })
  })
})

describe('forms', () => {
  const lastOf = async (telemetry: Stage['tasker']['config']['telemetry'] | object) => {
    const { logs } = await written({ telemetry })
    return logs.lines.at(-1) ?? ''
  }

  test('json is one line, pretty_json many', async () => {
    const pretty = await lastOf({ logFormat: 'pretty_json' })
    expect(pretty.split('\n').length).toBeGreaterThan(10)
    expect(JSON.parse(pretty)).toMatchObject({ message: 'Task completed', level: 'info' })
  })

  test('logfmt is keys and values', async () => {
    const line = await lastOf({ logFormat: 'logfmt' })
    expect(line).toMatch(
      /^level="info" timestamp="\S+" component="task" .*message="Task completed"\n$/,
    )
    expect(line).toMatch(/ process_id=\d+ /)
  })

  test('plain text where lines are not to be structured', async () => {
    const line = await lastOf({ structuredLoggingEnabled: false })
    expect(line).toMatch(/^\S+Z INFO {2}task: Task completed\n$/)
  })
})
