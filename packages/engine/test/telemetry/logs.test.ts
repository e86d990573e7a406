// Log lines: their fields, levels and samples, and that one id leads from a request to every line about it. Who gets them and
// their forms: log-receivers.test.ts; what is masked in them: parameter-filter.test.ts.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { withCorrelationId } from '../../src/correlation.ts'
import { defineTask } from '../../src/definitions/builder.ts'
import { systemClock } from '../../src/clock.ts'
import { createEventBus } from '../../src/events/bus.ts'
import { examplePayloads } from '../../src/events/example-payloads.ts'
import { eventNames } from '../../src/events/names.ts'
import { silentLogger } from '../../src/log.ts'
import { openLogs } from '../../src/telemetry/logs/logs.ts'
import { createTasker } from '../../src/tasker.ts'
import { createRouter } from '../../src/telemetry/router/router.ts'
import { categoryOf, logEvents } from '../../src/telemetry/logs/event-lines.ts'
import { databaseForFile } from '../support/database.ts'
import { configOf } from '../config/resolve-input.ts'
import { httpServer } from '../http/stage.ts'
import { stage } from '../scenarios/stage.ts'
import { pair, paper, quietStart, writing, type Fields } from './written-lines.ts'

const database = databaseForFile()
const written = writing(database)

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
    const options = {
      definitions: [calling],
      http: { allowedAddresses: ['127.0.0.1'] },
      telemetry: { logLevels: quietStart },
    }
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

  test('a failed export warns once it is over; a skipped one is not said to be completed', () => {
    const config = configOf({ code: {} })
    const linesAt = (lowest: 'info' | 'warn'): readonly string[] => {
      const lines: string[] = []
      const bus = createEventBus(() => undefined)
      const stop = logEvents(bus, createRouter(config.telemetry, []), {
        isWritten: (_component, level) => level === 'warn' || level === lowest,
        write: ({ level, message }) => void lines.push(`${level} ${message}`),
      })
      const failed = examplePayloads['telemetry.export_failed']
      const completed = examplePayloads['telemetry.export_completed']
      bus.publish('telemetry.export_failed', { ...failed, retryAt: new Date(0) })
      bus.publish('telemetry.export_failed', { ...failed, retryAt: null })
      bus.publish('telemetry.export_completed', { ...completed, outcome: 'done' })
      bus.publish('telemetry.export_completed', { ...completed, outcome: 'skipped' })
      stop()
      return lines
    }
    expect(linesAt('info')).toEqual([
      'info Metrics export failed',
      'warn Metrics export failed',
      'info Metrics export completed',
      'info Metrics export skipped',
    ])
    expect(linesAt('warn')).toEqual(['warn Metrics export failed'])
  })

  test('a component that there is not is refused', async () => {
    await expect(
      stage(database.url, { telemetry: { logLevels: { steps: 'debug' } as never } }),
    ).rejects.toThrow('telemetry.logLevels.steps: unknown key. Did you mean step?')
  })
})
