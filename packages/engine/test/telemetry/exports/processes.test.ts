// Exports of several processes: each due time is one export, whoever does it; one that dies in it is followed by another; and two
// at one target do not go on at once.
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { createTasker, type Tasker } from '../../../src/tasker.ts'
import { recordEvents, testClock } from '../../../src/testing/index.ts'
import type { ExportReport } from '../../../src/telemetry/exports/export-orders.ts'
import { stage } from '../../scenarios/stage.ts'
import { databaseForFile } from '../../support/database.ts'
import { startEndpoint } from './endpoint.ts'

const database = databaseForFile()

async function startExporter(endpoint: string, target: string): Promise<ChildProcess> {
  const program = fileURLToPath(new URL('./killed-exporter.ts', import.meta.url))
  const child = fork(program, [database.url, endpoint, target], {
    execArgv: ['--conditions=@tasker/source'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child, 'message')
  return child
}

test('two workers with one schedule export once for each due time', async () => {
  const endpoint = await startEndpoint()
  const clock = testClock()
  const exports = {
    enabled: true,
    targets: { both: { to: 'http', format: 'prometheus', url: endpoint.url, every: 60 } },
  } as const
  const staged = () => stage(database.url, { clock, metrics: true, telemetry: { exports } })
  const [one, other] = [await staged(), await staged()]
  for (let minute = 1; minute <= 5; minute += 1) {
    await clock.advance(60_000)
    await endpoint.arrived(minute)
    // Both have looked when the export is told.
    await expect.poll(() => endedIn([one.events, other.events])).toBe(minute)
  }
  await clock.advance(59_000)
  const { targets } = await one.tasker.exports.status()
  expect(targets[0]).toMatchObject({ lastOutcome: 'done', attempts: 0 })
  expect(endpoint.taken).toHaveLength(5)
})

const endedIn = (records: readonly ReturnType<typeof recordEvents>[]): number =>
  records.reduce((sum, record) => sum + record.of('telemetry.export_completed').length, 0)

test('a process that is killed while it exports is followed by another, which ends the same export', async () => {
  const endpoint = await startEndpoint(['never', { status: 204 }])
  const killed = await startExporter(endpoint.url, 'killed')
  await endpoint.arrived(1)
  killed.kill('SIGKILL')
  await once(killed, 'exit')
  const survivor = await openExporter(endpoint.url, 'killed')
  const events = recordEvents(survivor.events)
  const before = (await survivor.exports.status()).targets[0]
  expect(before).toMatchObject({ attempts: 1, isRunning: true, lastOutcome: null })
  await survivor.worker.start()
  const requested = await events.until('telemetry.export_requested')
  // The first, as it was begun; not a new one.
  expect(requested.attempt).toBe(2)
  const completed = await events.until(
    'telemetry.export_completed',
    ({ outcome }) => outcome === 'done',
  )
  expect(completed.exportId).toBe(requested.exportId)
})

test('of two exports to one target at once, one is skipped', async () => {
  const endpoint = await startEndpoint(['never', { status: 204 }])
  const clock = testClock()
  const exports = {
    targets: { one: { to: 'http', format: 'prometheus', url: endpoint.url } },
  } as const
  const staged = () => stage(database.url, { clock, metrics: true, telemetry: { exports } })
  const [one, other] = [await staged(), await staged()]
  const stop = new AbortController()
  const first = one.tasker.exports.exportNow({ target: 'one', signal: stop.signal })
  await endpoint.arrived(1)
  let second: ExportReport | null = null
  const asked = other.tasker.exports.exportNow({ target: 'one' }).then((report) => {
    second = report
  })
  await expect
    .poll(async () => {
      await clock.advance(500)
      return second
    })
    .toMatchObject({ outcome: 'skipped', fault: 'lock timeout', destination: null })
  await asked
  expect(endpoint.taken).toHaveLength(1)
  stop.abort(new Error('enough'))
  await expect(first).resolves.toMatchObject({ outcome: 'failed', fault: 'enough' })
  await expect(other.tasker.exports.exportNow({ target: 'one' })).resolves.toMatchObject({
    outcome: 'done',
  })
})

test('a killed owner frees its target after its time', async () => {
  const endpoint = await startEndpoint(['never', { status: 204 }])
  const owner = await startExporter(endpoint.url, 'locked')
  await endpoint.arrived(1)
  owner.kill('SIGKILL')
  await once(owner, 'exit')
  const tasker = await openExporter(endpoint.url, 'locked')
  const freed = await tasker.exports.exportNow({ target: 'locked' })
  expect(freed).toMatchObject({ outcome: 'done', fault: null })
  expect(freed.seconds).toBeGreaterThan(0)
})

async function openExporter(url: string, target: string): Promise<Tasker> {
  const tasker = await createTasker({
    database: { url: database.url, migrate: 'off' },
    metrics: true,
    telemetry: {
      exports: {
        enabled: true,
        checkInterval: 1,
        targets: { [target]: { to: 'http', format: 'prometheus', url, every: 1 } },
      },
      prometheus: { jobTimeout: 2, safetyMargin: 1, exportTimeout: 2 },
    },
  })
  onTestFinished(() => tasker.close())
  return tasker
}
