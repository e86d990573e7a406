// `tasker validate prometheus` against a real Prometheus: what it says of a set-up that delivers, and of each way in which
// one does not.
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createTasker } from '@tasker/engine'
import { cloneDatabase } from '../../engine/test/support/database.ts'
import { hasPrometheus, openPrometheus, type OpenPrometheus } from './prometheus.ts'
import { runCli, startCli, type CliResult } from './run-cli.ts'
import { own } from './validated.config.ts'

const config = fileURLToPath(new URL('./validated.config.ts', import.meta.url))

interface Report {
  readonly passed: boolean
  readonly checks: readonly {
    readonly name: string
    readonly passed: boolean
    readonly durationMs: number
    readonly details: { readonly faults: readonly string[]; readonly remedy: string | null }
  }[]
  readonly notMade: readonly string[]
  readonly workflows: readonly { readonly taskId: string }[]
}

const validate = (...args: readonly string[]): Promise<CliResult> =>
  runCli(['validate', 'prometheus', '--json', ...args])

const reportOf = ({ stdout }: CliResult): Report => JSON.parse(stdout) as Report // as documented

const failed = ({ checks }: Report): readonly string[] =>
  checks.filter(({ passed }) => !passed).map(({ name }) => name)

const faultsOf = ({ checks }: Report): string =>
  checks.flatMap(({ details }) => details.faults).join('\n')

describe.runIf(hasPrometheus)('with a Prometheus', () => {
  const ports = { own: 0, app: 0, frozen: 0 }
  let prometheus: OpenPrometheus

  beforeAll(async () => {
    for (const name of ['own', 'app', 'frozen'] as const) ports[name] = await freePort()
    prometheus = await openPrometheus({
      own: [`127.0.0.1:${ports.own}`],
      app: [`127.0.0.1:${ports.app}`],
      stale: [`127.0.0.1:${ports.frozen}`],
    })
  })
  afterAll(() => prometheus.close())

  test('a worker in the command: every check passes, and the tasks are gone afterwards', async () => {
    const { url } = await cloneDatabase()
    const tasker = await createTasker({ database: url, definitions: [own] })
    onTestFinished(() => tasker.close())
    const mine = await tasker.tasks.create(own, { context: {} })
    const result = await validate(
      ...['--config', config, '--database', url, '--url', prometheus.url],
      ...['--metrics-port', String(ports.own), '--timeout', '20'],
    )
    const report = reportOf(result)
    expect({ faults: faultsOf(report), notMade: report.notMade }).toEqual({ faults: '', notMade: [] })
    expect(result.exitCode).toBe(0)
    expect(report.checks.map(({ name }) => name)).toContain('collection')
    expect(report.workflows).toHaveLength(3)
    const { tasks } = await tasker.tasks.find()
    expect(tasks.map(({ taskId, state }) => ({ taskId, state }))).toEqual([
      { taskId: mine.taskId, state: 'pending' },
    ])
  })
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on a port
  await new Promise((resolve) => server.close(resolve))
  return port
}
