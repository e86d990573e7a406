// A real Prometheus for tests: scrapes the targets it is given every second, and answers queries. And promtool, which
// judges what is scraped.
import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'

export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface Prometheus {
  readonly url: string
  /** Of an instant query, at this moment. */
  query(expression: string): Promise<readonly Sample[]>
}

/** Where it is missing, tests that need it are not run; in CI they fail. */
export const hasPrometheus =
  process.env['CI'] === 'true' || (isOnPath('prometheus') && isOnPath('promtool'))

if (!hasPrometheus) {
  console.warn('\n*** metrics: not tested with Prometheus here, as it is not on PATH ***\n')
}

/** `targets`: `host:port`. Stopped when the test ends. */
export async function startPrometheus(
  targets: readonly string[],
  ruleFiles: readonly string[] = [],
): Promise<Prometheus> {
  const prometheus = await openPrometheus({ tasker: targets }, ruleFiles)
  onTestFinished(() => prometheus.close())
  return prometheus
}

export interface OpenPrometheus extends Prometheus {
  close(): Promise<void>
}

/** The same for many tests: targets by job; and with what query each job asks, if with any. */
export async function openPrometheus(
  jobs: Readonly<Record<string, readonly string[]>>,
  ruleFiles: readonly string[] = [],
  queries: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {},
): Promise<OpenPrometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'tasker-prometheus-'))
  const config = join(folder, 'prometheus.json')
  // YAML reads JSON.
  await writeFile(
    config,
    JSON.stringify({
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: ruleFiles,
      scrape_configs: Object.entries(jobs).map(([job, targets]) => ({
        job_name: job,
        params: queries[job] ?? {},
        static_configs: [{ targets }],
      })),
    }),
  )
  const child = spawn(
    'prometheus',
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      '--web.listen-address=127.0.0.1:0',
      '--web.enable-remote-write-receiver',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  const ended = new Promise((resolve) => child.once('close', resolve))
  const close = async (): Promise<void> => {
    child.kill('SIGTERM')
    await ended
    await rm(folder, { recursive: true, force: true })
  }
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let said = ''
  child.once('error', reject)
  child.once('close', () => reject(new Error(`Prometheus ended:\n${said}`)))
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    said += part
    const address = /"Listening on" address=(\S+)/.exec(said)?.[1]
    if (address !== undefined && said.includes('ready to receive')) resolve(`http://${address}`)
  })
  try {
    const url = await promise
    return { url, query: (expression) => query(url, expression), close }
  } catch (error) {
    await close()
    throw error
  }
}

interface Answer {
  readonly data?: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>
      readonly value: readonly [at: number, value: string]
    }[]
  }
  readonly error?: string
}

async function query(url: string, expression: string): Promise<readonly Sample[]> {
  const asked = new URL('/api/v1/query', url)
  asked.searchParams.set('query', expression)
  const answer = (await (await fetch(asked)).json()) as Answer // of its HTTP API, version 1
  if (answer.data === undefined) throw new Error(`${expression}: ${answer.error ?? 'no data'}`)
  return answer.data.result.map(({ metric, value }) => ({
    labels: metric,
    value: Number(value[1]),
  }))
}

/** What promtool says to such an input; empty when it has nothing to say. */
export async function promtool(args: readonly string[], input = ''): Promise<string> {
  const child = spawn('promtool', [...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  const code = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve)
  })
  child.stdin.end(input)
  const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr)])
  const exitCode = await code
  return exitCode === 0 && out.trim() === '' ? errors : `exit code ${exitCode}\n${out}${errors}`
}

function isOnPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
