// `tasker metrics …` over real processes: workers, Redis, and the commands that a scheduler would start. What they say, what
// they exit with, and that totals are what the workers did.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createTasker, type Tasker } from '@tasker/engine'
import { cloneDatabase } from '../../engine/test/support/database.ts'
import { startRedis, type RedisServer } from '../../../tools/services/redis.ts'
import { readExposition } from '../src/validation/exposition.ts'
import { runCli, startCli, testConfig, type CliResult, type RunningCli } from './run-cli.ts'
import { runCommand } from './run-command.ts'
import { freePort } from './validate-in-process.ts'
import settings from './worker.config.ts'

const { definitions = [] } = settings
let redis: RedisServer

beforeAll(async () => {
  redis = await startRedis()
})
afterAll(async () => {
  await redis.stop()
})

/** A database and a part of the store that no other test has. */
interface Place {
  readonly url: string
  readonly env: Readonly<Record<string, string>>
  metrics(...words: readonly string[]): Promise<CliResult>
}

let places = 0

async function place(more: Readonly<Record<string, string>> = {}): Promise<Place> {
  const { url } = await cloneDatabase()
  places += 1
  const env = {
    DATABASE_URL: url,
    TASKER_CACHE__STORE: 'redis',
    TASKER_CACHE__URL: redis.url,
    TASKER_CACHE__NAMESPACE: `place-${places}`,
    TASKER_TELEMETRY__SYNC_INTERVAL: '1',
    ...more,
  }
  return { url, env, metrics: (...words) => runCommand(['metrics', ...words], { env }) }
}

const alone = { TASKER_CACHE__STORE: 'memory', TASKER_CACHE__URL: '' }

/** A worker as an operator starts it. */
async function startWorker({ env }: Place): Promise<RunningCli> {
  const running = startCli(['worker', '--metrics-port', '0', '--config', testConfig], { env })
  await running.untilStderr(/worker started/)
  return running
}

async function stopped(running: RunningCli): Promise<void> {
  running.process.kill('SIGTERM')
  expect((await running.ended).exitCode).toBe(0)
}

interface Working {
  readonly tasker: Tasker
  /** Of its metrics. */
  readonly from: string
}

/** One in the process of the test, a tenth of the work: with the store of the place, or with one of its own. */
async function work(at: Place, store: 'shared' | 'own'): Promise<Working> {
  const { TASKER_CACHE__URL: url = '', TASKER_CACHE__NAMESPACE: namespace = '' } = at.env
  const tasker = await createTasker({
    database: { url: at.url, migrate: 'off' },
    definitions,
    metrics: true,
    cache: store === 'own' ? {} : { store: 'redis', url, namespace },
  })
  onTestFinished(() => tasker.close())
  await tasker.worker.start()
  return { tasker, from: (await tasker.metrics.listen({ port: 0 })).url }
}

async function greet({ tasks }: Tasker, count: number): Promise<void> {
  const created = await tasks.createMany(
    Array.from({ length: count }, () => ({ definition: 'tests/greet', context: {} })),
  )
  await Promise.all(created.map(({ taskId }) => tasks.waitFor(taskId)))
}

/** How many tasks are complete by an exposition. */
const completedIn = (text: string): number =>
  readExposition(text)
    .samples.filter(({ name }) => name === 'tasker_tasks_completed_total')
    .reduce((sum, { value }) => sum + value, 0)

/** Counted after the commit: a moment after who waited for the task is told. */
const completed = (at: Place, ...words: readonly string[]) =>
  expect.poll(
    async () => completedIn((await at.metrics('export-now', 'prometheus', ...words)).stdout),
    { timeout: 10_000 },
  )

describe('with workers that share their metrics through Redis', () => {
  test('export-now tells what they did, also when they are gone', async () => {
    const at = await place()
    const creator = await createTasker({ database: { url: at.url, migrate: 'off' }, definitions })
    onTestFinished(() => creator.close())
    const first = await startWorker(at)
    await greet(creator, 3)
    await completed(at).toBe(3)
    await stopped(first)
    await completed(at).toBe(3)
    const second = await startWorker(at)
    await greet(creator, 2)
    await stopped(second)
    await completed(at).toBe(5)

    // A process of its own, as a scheduler starts it.
    const ended = await runCli(['metrics', 'export-now'], { env: at.env })
    expect(ended.exitCode).toBe(0)
    expect(readExposition(ended.stdout).faults).toEqual([])
    expect(completedIn(ended.stdout)).toBe(5)
    expect(ended.stderr).toMatch(
      /^Format: {8}prometheus\nMetrics count: \d+\nDuration: {6}\d+\.\d{3} s\n$/m,
    )

    const json = await at.metrics('export-now', 'json', '--json')
    expect(JSON.parse(json.stdout)).toMatchObject({
      format: 'json',
      metricsCount: expect.any(Number) as number,
      instances: [],
      body: expect.stringContaining('tasker_tasks_completed_total') as string,
    })
    const byEnvironment = await runCommand(['metrics', 'export-now'], {
      env: { ...at.env, METRICS_FORMAT: 'JSON', VERBOSE: 'true' },
    })
    expect(byEnvironment.stderr).toContain('Format:        json')
    // What is not its own leaves nothing behind: the commands count nothing.
    const { stdout } = await at.metrics('status', '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      metrics: { live: [], retiredCount: expect.any(Number) as number, strategy: strategy() },
      capabilities: { distributed: true },
      exports: { isEnabled: false, targets: [] },
      configuration: { 'telemetry.syncInterval': '1 seconds' },
    })
  })

  test('status names who lives, and how the targets fare; nothing says a password', async () => {
    const folder = await scratch()
    const at = await place({
      TASKER_TELEMETRY__EXPORTS__TARGETS: JSON.stringify({
        central: { to: 'file', format: 'prometheus', path: join(folder, 'central.prom') },
        gone: { to: 'http', format: 'json', url: 'http://user:hunter2@127.0.0.1:1/' },
      }),
    })
    const { tasker, from } = await work(at, 'shared')
    await greet(tasker, 1)
    await tasker.metrics.sync()
    await completed(at).toBe(1)
    const sent = await at.metrics('export-now', '--target', 'central')
    expect(sent).toMatchObject({ exitCode: 0, stdout: '' })
    expect(completedIn(await readFile(join(folder, 'central.prom'), 'utf8'))).toBe(1)
    const failed = await at.metrics('export-now', '--target', 'gone', '--json')
    expect([0, 1]).toContain(failed.exitCode)
    const unknown = await at.metrics('export-now', '--target', 'nowhere')
    expect(unknown).toMatchObject({ exitCode: 2, stdout: '' })
    expect(unknown.stderr).toContain('central, gone')

    const shown = await at.metrics('status')
    expect(shown.exitCode).toBe(0)
    expect(shown.stdout).toMatch(/^ {2}strategy +distributed_/m)
    expect(shown.stdout).toMatch(/^ {2}Live process +Last sync$/m)
    expect(shown.stdout).toMatch(/^ {2}central +file +prometheus .* done$/m)
    expect(shown.stdout).toMatch(/^ {2}telemetry\.prometheus\.endpoint +null$/m)
    expect(sent.stderr + failed.stderr + failed.stdout + shown.stdout).not.toContain('hunter2')

    await completed(at, '--from', from, '--scope', 'all').toBe(1)
    const told = await at.metrics('status', '--from', new URL(from).origin, '--json')
    const { instances } = JSON.parse(told.stdout) as { instances: { instance: string }[] } // as documented
    expect(instances).toHaveLength(1)
    expect(shown.stdout).toContain(instances[0]?.instance)
  })

  test('export orders one, with its time and its target; the order is in the status', async () => {
    const at = await place()
    const ordered = await at.metrics('export', 'json', '--in', '30s')
    expect(ordered.exitCode).toBe(0)
    expect(ordered.stdout).toMatch(
      /^Export: {6}[0-9a-f-]{36}\nExport time: \d{4}-.*Z\nFormat: {6}json\nTarget: {6}file:json\n$/,
    )
    const [, id] = /Export: +(\S+)/.exec(ordered.stdout) ?? []
    const { stdout } = await at.metrics('status', '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      exports: { ordered: [{ exportId: id, format: 'json', attempts: 0 }] },
    })
    expect(await at.metrics('export', 'nonsense')).toMatchObject({ exitCode: 2 })
  })

  test('sync --from puts there what a worker counted that has no store, once, however often', async () => {
    const at = await place()
    const lonely = await work(at, 'own')
    await greet(lonely.tasker, 2)
    await completed(at, '--from', lonely.from).toBe(2)
    const synced = await at.metrics('sync', '--from', lonely.from)
    expect(synced).toMatchObject({ exitCode: 0 })
    expect(synced.stdout).toMatch(
      /^Strategy: {7}distributed_\w+\nSynced metrics: \d+ of \S+\nDuration: {7}\d+\.\d{3} s\n$/,
    )
    await at.metrics('sync', '--from', lonely.from)
    await completed(at).toBe(2)
    await greet(lonely.tasker, 1)
    await completed(at, '--from', lonely.from).toBe(3)
    await at.metrics('sync', '--from', lonely.from)
    await completed(at).toBe(3)

    // Started anew, it counts from nothing.
    await lonely.tasker.close()
    const again = await work(at, 'own')
    await greet(again.tasker, 1)
    await completed(at, '--from', again.from).toBe(1)
    const { stdout } = await at.metrics('sync', '--from', again.from, '--json')
    expect(JSON.parse(stdout)).toMatchObject({ isSynced: true, strategy: strategy() })
    expect(await at.metrics('sync')).toMatchObject({ exitCode: 0 })
    await completed(at).toBe(4)
  })

  test('sync --from refuses a worker that shares its metrics itself', async () => {
    const at = await place()
    const { tasker, from } = await work(at, 'shared')
    await greet(tasker, 1)
    await tasker.metrics.sync()
    const refused = await at.metrics('sync', '--from', from)
    expect(refused).toMatchObject({ exitCode: 1, stdout: '' })
    expect(refused.stderr).toMatch(/shares its metrics itself, .*\. Leave out --from/)
    await completed(at).toBe(1)
  })
})

describe('with nothing to export', () => {
  test('an empty store ends it with 1, the reason and a remedy', async () => {
    const at = await place()
    const ended = await at.metrics('export-now')
    expect(ended).toMatchObject({ exitCode: 1, stdout: '' })
    expect(ended.stderr).toMatch(
      /^error METRICS_MISSING: There are no metrics in \w+: no process that counts is running, .* Start workers/,
    )
    const json = await at.metrics('export-now', '--json')
    expect(JSON.parse(json.stdout)).toMatchObject({ error: { code: 'METRICS_MISSING' } })
  })

  test('so does a store that each process has for itself', async () => {
    const at = await place(alone)
    const ended = await at.metrics('export-now')
    expect(ended).toMatchObject({ exitCode: 1, stdout: '' })
    expect(ended.stderr).toMatch(/METRICS_MISSING: .* MemoryStore .* Set cache\.store/)
    expect(await at.metrics('sync')).toMatchObject({ exitCode: 1 })
    expect(await at.metrics('status')).toMatchObject({ exitCode: 0 })
  })

  test('so does a store that cannot be read; the status does not say that there is nothing', async () => {
    const at = await place({ TASKER_CACHE__URL: `redis://127.0.0.1:${await freePort()}` })
    const ended = await at.metrics('status')
    expect(ended.exitCode).toBe(1)
    expect(ended.stderr).toContain('METRICS_UNREACHABLE: The store')
    expect(ended.stdout).toMatch(
      /live processes +–\n +ended processes +–\n +metrics +–\n +series +–\n/,
    )
  })

  test('so does a worker that is not there, one that is none, and one that never answers', async () => {
    const at = await place()
    const gone = await at.metrics(
      'export-now',
      '--from',
      `http://user:hunter2@127.0.0.1:${await freePort()}`,
    )
    expect(gone).toMatchObject({ exitCode: 1, stdout: '' })
    expect(gone.stderr).toMatch(/METRICS_UNREACHABLE: .*ECONNREFUSED/)
    expect(gone.stderr).not.toContain('hunter2')
    const other = await served((request) => (request.headers.authorization ? 404 : 401))
    const unknown = await at.metrics('export-now', '--from', other)
    expect(unknown.stderr).toMatch(/METRICS_UNREACHABLE: .* 401.* --token/)
    const known = await at.metrics('export-now', '--from', other, '--token', 't')
    expect(known.stderr).toMatch(/METRICS_MISSING: .* 404/)
    const silent = await served(() => null)
    const late = await at.metrics('export-now', '--from', silent, '--timeout', '0.2s')
    expect(late.exitCode).toBe(1)
    expect(late.stderr).toMatch(/TIME_OVER|METRICS_UNREACHABLE/)
  })
})

test('wrong use ends it with 2', async () => {
  const at = await place()
  for (const words of [
    ['export-now', 'json', '--target', 'central'],
    ['export-now', '--target', 'central', '--output', 'file'],
    ['export-now', '--scope', 'process'],
    ['export-now', '--token', 't'],
    ['export-now', '--from', 'worker:9464'],
    ['export', '--in', 'soon'],
    ['export', '--target', 'nowhere'],
    ['export', 'nonsense'],
  ]) {
    expect({ words, exitCode: (await at.metrics(...words)).exitCode }).toEqual({
      words,
      exitCode: 2,
    })
  }
})

test('so does a configuration with a fault', async () => {
  const wrong = [{ TASKER_CACHE__STORE: 'reddis' }, { TASKER_CACHE__STORE: 'redis' }]
  for (const more of wrong) {
    const at = await place({ ...more, TASKER_CACHE__URL: '' })
    expect((await at.metrics('export-now')).exitCode).toBe(2)
  }
})

test('a worker alone is exported without a store or a database; a file is written whole', async () => {
  const at = await place(alone)
  const { tasker, from } = await work(at, 'own')
  await greet(tasker, 1)
  const folder = await scratch()
  const nowhere = { ...at.env, DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' }
  const asked = async (...words: readonly string[]): Promise<CliResult> =>
    runCommand(['metrics', 'export-now', '--from', from, ...words], { env: nowhere })
  await expect.poll(async () => completedIn((await asked('prometheus')).stdout)).toBe(1)
  const output = join(folder, 'metrics.prom')
  expect(await asked('--output', output)).toMatchObject({ exitCode: 0, stdout: '' })
  expect(completedIn(await readFile(output, 'utf8'))).toBe(1)
  expect(await readdir(folder)).toEqual(['metrics.prom'])
  const refused = await asked('--output', join(folder, 'none', 'metrics.prom'))
  expect(refused).toMatchObject({ exitCode: 1 })
  expect(refused.stderr).toMatch(/EXPORT_FAILED: .*ENOENT/)
})

const strategy = (): string => expect.stringMatching(/^distributed_/) as string

async function scratch(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tasker-metrics-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A server that answers each request with a status, or, null, never. Its address. */
async function served(
  statusOf: (request: { readonly headers: { readonly authorization?: string } }) => number | null,
): Promise<string> {
  const server = createServer((request, response) => {
    const { authorization } = request.headers
    const status = statusOf({ headers: authorization === undefined ? {} : { authorization } })
    if (status !== null) response.writeHead(status).end('no')
  })
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await promise
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  // A cast: it listens on an address, not on a socket file.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
