// `tasker server`: listens, answers, and stops when it is told to; and the server of `tasker dev`.
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { databaseForFile } from '../../engine/test/support/database.ts'
import { runCli, startCli, testConfig } from './run-cli.ts'

const database = databaseForFile()
const given = () => ['--config', testConfig, '--database', database.url]

test('it answers where it says, and SIGTERM ends streams, finishes and exits with 0', async () => {
  const server = startCli(['server', '--port', '0', ...given()])
  const [url] = await server.untilStdout(/http:\/\/127\.0\.0\.1:\d+\/tasker/)
  const body = JSON.stringify({ name: 'greet', namespace: 'tests', context: {} })
  const headers = { 'content-type': 'application/json' }
  const created = await fetch(`${url}/tasks`, { method: 'POST', headers, body })
  expect(created.status).toBe(201)
  const stream = await fetch(`${url}/events`)
  server.process.kill('SIGTERM')
  expect(await stream.text()).toContain(': the stream ends here, come again')
  const { exitCode, stderr } = await server.ended
  expect(exitCode).toBe(0)
  expect(stderr).toMatch(/server started[\s\S]*stopping: no more connections[\s\S]*server stopped/)
})

test('without a configuration file it serves what the database holds', async () => {
  const cwd = import.meta.dirname
  const server = startCli(['server', '--port', '0', '--database', database.url], { cwd })
  const [url] = await server.untilStdout(/http:\S+/)
  expect((await fetch(`${url}/tasks`)).status).toBe(200)
  server.process.kill('SIGTERM')
  await expect(server.ended).resolves.toMatchObject({ exitCode: 0 })
})

test('beyond this machine it listens only with authentication, or when that is said', async () => {
  const args = ['server', '--port', '0', '--host', '0.0.0.0', ...given()]
  const { exitCode, stderr } = await runCli(args)
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(/^error EXPOSED_WITHOUT_AUTHENTICATION: .*server\.allowUnauthenticated/m)
})

test('a port that is taken is an error with the port in it', async () => {
  const port = await takenPort()
  const { exitCode, stderr } = await runCli(['server', '--port', String(port), ...given()])
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(new RegExp(`SERVER_CANNOT_LISTEN: .*port ${port} \\(EADDRINUSE\\)`))
})

test('dev serves too, at the port asked for, and opens no browser where there is no terminal', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tasker-browser-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const opened = join(folder, 'opened')
  for (const name of ['xdg-open', 'open']) {
    writeFileSync(join(folder, name), `#!/bin/sh\ntouch ${opened}\n`)
    chmodSync(join(folder, name), 0o755)
  }
  const env = { PATH: `${folder}${delimiter}${process.env['PATH']}`, DISPLAY: ':9' }
  const dev = startCli(['dev', '--port', '0', ...given()], { env })
  const [, url] = await dev.untilStdout(/Server +(http:\S+)/)
  await dev.untilStdout(/The worker goes on/)
  expect((await fetch(`${url}/health/live`)).status).toBe(200)
  dev.process.kill('SIGTERM')
  await expect(dev.ended).resolves.toMatchObject({ exitCode: 0 })
  expect(existsSync(opened)).toBe(false)
})

async function takenPort(): Promise<number> {
  const taken = createServer()
  onTestFinished(() => void taken.close())
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  return (taken.address() as AddressInfo).port // of a TCP server that listens
}
