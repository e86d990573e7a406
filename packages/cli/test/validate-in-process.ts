// Runs a validator in the process of the test, which is faster than a program of its own; and the small servers that stand in
// for what it asks.
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import pc from 'picocolors'
import { onTestFinished } from 'vitest'
import type { ExitCode } from '../src/failure.ts'
import type { CommandContext } from '../src/run-command.ts'
import type { Check } from '../src/validation/checklist.ts'

/** The document of a validator, as the guide describes it. */
export interface Report {
  readonly passed: boolean
  readonly exitCode: number
  readonly checks: readonly Check[]
  readonly notMade: readonly string[]
  readonly workflows: readonly { readonly name: string; readonly taskId: string }[]
  readonly recommendations: readonly string[]
  readonly notes: readonly string[]
}

export interface Validated extends Report {
  readonly failed: readonly string[]
  /** Of all checks, one a line. */
  readonly faults: string
}

/** `database`: of a test. */
export async function validated(
  database: string,
  run: (context: CommandContext) => Promise<ExitCode>,
): Promise<Validated> {
  let report: Report | null = null
  const exitCode = await run({
    options: { color: false, json: true, database },
    terminal: {
      isJson: true,
      isDebug: false,
      isLive: false,
      isLogWatched: false,
      paint: pc.createColors(false),
      paintLog: pc.createColors(false),
      width: Number.POSITIVE_INFINITY,
      print: () => undefined,
      write: () => undefined,
      log: () => undefined,
      document(value) {
        report = value as Report // what the validator said
      },
      logThrough: () => undefined,
    },
  })
  if (report === null) throw new Error('It said nothing.')
  const { checks, ...rest }: Report = report
  if (rest.exitCode !== exitCode) throw new Error(`It said ${rest.exitCode} and ended ${exitCode}.`)
  return {
    ...rest,
    checks,
    failed: checks.filter(({ passed }) => !passed).map(({ name }) => name),
    faults: checks.flatMap(({ details }) => details.faults).join('\n'),
  }
}

/** Answers so until the test ends; its address. */
export async function serve(answer: RequestListener): Promise<string> {
  const server = await openServer(answer)
  onTestFinished(() => server.close())
  return server.url
}

interface OpenServer {
  readonly url: string
  readonly port: number
  close(): void
}

export async function openServer(answer: RequestListener): Promise<OpenServer> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on a port
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** That nobody listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = await openServer(() => undefined)
  server.close()
  return server.port
}
