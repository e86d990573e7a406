// `tasker dev`: what `npm start` shows, on a database of its own.
import { describe, expect, test } from 'vitest'
import { cloneDatabase, databaseForFile } from '../../engine/test/support/database.ts'
import { runCli, startCli, testConfig } from './run-cli.ts'

const orders = [
  '--config',
  'examples/tasker.config.ts',
  '--run',
  'ecommerce/process_order',
  '--context',
  'examples/order-processing/sample-cart.json',
]
const tests = ['--config', testConfig]
const escape = String.fromCodePoint(27)

describe('one run of the sample order', () => {
  const database = databaseForFile()

  test('with --json it is one document: the recovered payment, the results, the total', async () => {
    const env = { DATABASE_URL: database.url }
    const { exitCode, stdout } = await runCli(['dev', ...orders, '--once', '--json'], { env })
    expect(exitCode).toBe(0)
    expect(stdout.trimEnd().split('\n')).toHaveLength(1)
    const step = (name: string, attempts: number, retryLimit: number) => {
      return { name, state: 'complete', attempts, retryLimit, error: null }
    }
    expect(stdout).toMatch(/^\{"taskId":"[0-9a-f-]{36}"/)
    expect(JSON.parse(stdout)).toMatchObject({
      state: 'complete',
      total: 124.76,
      steps: [
        step('validate_cart', 1, 3),
        step('process_payment', 2, 3),
        step('update_inventory', 1, 2),
        step('create_order', 1, 3),
        step('send_confirmation', 1, 5),
      ],
      results: {
        validate_cart: { subtotal: 109.97, tax: 8.8, shipping: 5.99, total: 124.76 },
        process_payment: { amount_charged: 124.76, status: 'completed' },
        send_confirmation: { recipient: 'customer@example.com', email_sent: true },
      },
    })
  })

  test('where nobody watches it is plain lines in order, uncoloured', async () => {
    const env = { DATABASE_URL: database.url, TERM: 'xterm-256color' }
    const { exitCode, stdout, stderr } = await runCli(['dev', ...orders, '--once'], { env })
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout).not.toContain(escape)
    const events = stdout.match(/^ +\+\S+ s {2}.*/gm) ?? []
    const told = events.map((line) => line.replace(/^ +\+\S+ s +/, '').replace(/ (after|\().*/, ''))
    expect(told.slice(0, 8).map((line) => line.replace(/ {2,}/, ': '))).toEqual([
      'task: created',
      'task: started',
      'validate_cart: attempt 1 of 3 started',
      'validate_cart: complete',
      'process_payment: attempt 1 of 3 started',
      'process_payment: attempt 1 of 3 failed: No answer about the charge: it may have been made, or not.',
      'process_payment: attempt 2 of 3 started',
      'process_payment: complete',
    ])
    for (const heading of ['Results', 'History'])
      expect(stdout).toMatch(new RegExp(`^${heading}$`, 'm'))
  })

  test('FORCE_COLOR asks for colours, NO_COLOR and --no-color refuse them', async () => {
    const args = ['dev', '--run', 'tests/greet', '--once', ...tests]
    const env = { DATABASE_URL: database.url, FORCE_COLOR: '1' }
    const forced = await runCli(args, { env })
    const refused = await runCli(args, { env: { ...env, NO_COLOR: '1' } })
    const switchedOff = await runCli([...args, '--no-color'], { env })
    const coloured = [forced, refused, switchedOff].map(({ stdout }) => stdout.includes(escape))
    expect(coloured).toEqual([true, false, false])
  })
})

test('a task that ends in error ends --once with 1, and shows the error', async () => {
  const env = { DATABASE_URL: (await cloneDatabase()).url }
  const args = ['dev', '--run', 'tests/refuse', '--once', ...tests]
  const { exitCode, stdout } = await runCli(args, { env })
  expect(exitCode).toBe(1)
  expect(stdout).toMatch(/attempt 1 of 3 failed: The answer is no\. \(not tried again\)/)
  expect(stdout).toMatch(/^tests\/refuse@0\.1\.0 {2}error after /m)
})

test('what a configuration file in code gives reaches the handlers: secrets, too', async () => {
  const env = { DATABASE_URL: (await cloneDatabase()).url }
  const args = ['dev', '--run', 'tests/whisper', '--once', '--json', ...tests]
  const { stdout } = await runCli(args, { env })
  const { length } = 'the word of the vault'
  expect(JSON.parse(stdout)).toMatchObject({
    results: { ask: { letters: length, word: '[REDACTED]' } },
  })
})

test('it migrates an empty database by itself', async () => {
  const { url } = await cloneDatabase({ from: 'empty' })
  const args = ['dev', '--run', 'tests/greet', '--context', '{"to":"you"}', '--once', '--json']
  const { exitCode, stdout } = await runCli([...args, ...tests, '--database', url])
  expect(exitCode).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ results: { say: { words: ['Hello', 'you'] } } })
})

test('the worker goes on, the commands that it proposes work, and SIGTERM ends it with 0', async () => {
  const { url } = await cloneDatabase()
  const dev = startCli(['dev', '--run', 'tests/greet', ...tests, '--database', url])
  const [, proposed = ''] = await dev.untilStdout(/bin\.ts (task show .*)\n/)
  const [, another = ''] = await dev.untilStdout(/bin\.ts (task run .*)\n/)
  const show = await runCli(proposed.split(' '))
  const run = await runCli([...another.split(' '), '--json'])
  dev.process.kill('SIGTERM')
  const { exitCode, stdout, stderr } = await dev.ended
  expect(show.exitCode).toBe(0)
  expect(show.stdout).toContain('tests/greet@1.2.0')
  expect(run).toMatchObject({ exitCode: 0 })
  expect(JSON.parse(run.stdout)).toMatchObject({ name: 'greet', state: 'complete' })
  expect(exitCode).toBe(0)
  expect(stdout).toContain('The worker goes on and serves 4 definitions')
  expect(stderr).toMatch(/info +tests\/greet is complete after/)
  expect(stderr).toContain('Stopping:')
})

test('what a handler leaves behind does not end the worker', async () => {
  const { url } = await cloneDatabase()
  const dev = startCli(['dev', '--run', 'tests/litter', ...tests, '--database', url])
  await dev.untilStderr(/nobody waited for it {2}error="left behind"/)
  await dev.untilStdout(/The worker goes on/)
  dev.process.kill('SIGINT')
  await expect(dev.ended).resolves.toMatchObject({ exitCode: 0 })
})

test('a terminal that goes away ends it with 0, although nothing can be said any more', async () => {
  const { url } = await cloneDatabase()
  const dev = startCli(['dev', '--run', 'tests/greet', ...tests, '--database', url])
  await dev.untilStdout(/The worker goes on/)
  dev.process.stdout?.destroy()
  dev.process.stderr?.destroy()
  dev.process.kill('SIGHUP')
  await expect(dev.ended).resolves.toMatchObject({ exitCode: 0 })
})
