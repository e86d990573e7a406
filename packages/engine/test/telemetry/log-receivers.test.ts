// Who gets log lines, whatever is wrong with what is logged or with who gets it, and in which forms.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { PassThrough, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { describe, expect, onTestFinished, test } from 'vitest'
import { defineTask } from '../../src/definitions/builder.ts'
import { silentLogger, type Logger } from '../../src/log.ts'
import { databaseForFile } from '../support/database.ts'
import { stage, type Stage } from '../scenarios/stage.ts'
import { paper, writing, type Fields } from './written-lines.ts'

const database = databaseForFile()
const written = writing(database)

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

test('closing does not wait for a reader that does not read', async () => {
  const script = fileURLToPath(new URL('./stalled-process.ts', import.meta.url))
  const child = spawn(process.execPath, ['--conditions=@tasker/source', script, database.url], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [said] = (await once(child.stderr.setEncoding('utf8'), 'data')) as [string]
  expect(said).toBe('closed')
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
