// A real pushgateway for tests, on a free port.
import { spawn, spawnSync } from 'node:child_process'
import { onTestFinished } from 'vitest'

/** Where it is missing, tests that need it are not run; in CI they fail. */
export const hasPushgateway =
  process.env['CI'] === 'true' ||
  spawnSync('prometheus-pushgateway', ['--version'], { stdio: 'ignore' }).error === undefined

/** Its URL. Stopped when the test ends. */
export async function startPushgateway(): Promise<string> {
  const child = spawn('prometheus-pushgateway', ['--web.listen-address=127.0.0.1:0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = new Promise((resolve) => child.once('close', resolve))
  onTestFinished(async () => {
    child.kill('SIGTERM')
    await ended
  })
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let said = ''
  child.once('error', reject)
  child.once('close', () => reject(new Error(`The pushgateway ended:\n${said}`)))
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    said += part
    const address =
      /(?:Listening on" address|listen_address|address)="?(127\.0\.0\.1:[1-9]\d*)/.exec(said)?.[1]
    if (address !== undefined) resolve(`http://${address}`)
  })
  return promise
}
