// `npm run example`: what it lists, what it runs under a fault, and what it says when it is misused.
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { cloneDatabase } from '../packages/engine/test/support/database.ts'

async function runExample(words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(
    process.execPath,
    [
      '--conditions=@tasker/source',
      fileURLToPath(new URL('run-example.ts', import.meta.url)),
      ...words,
    ],
    { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const [stdout, stderr, exitCode] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.on('close', resolve)),
  ])
  return { stdout, stderr, exitCode }
}

test('--list names the examples and their faults', async () => {
  const { exitCode, stdout } = await runExample(['--list', '--json'])
  expect(exitCode).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    examples: expect.arrayContaining([
      expect.objectContaining({
        name: 'order-processing',
        faults: expect.arrayContaining([
          expect.objectContaining({ name: 'payment-answer-lost', isUsual: true }),
        ]) as unknown[],
      }),
    ]) as unknown[],
  })
})

test('under a fault it tells how it ended and what the systems were asked', async () => {
  const { url } = await cloneDatabase()
  const env = { DATABASE_URL: url }
  const shown = await runExample(['order-processing', '--fault', 'inventory-short'], env)
  expect(shown.exitCode).toBe(1)
  expect(shown.stdout).toMatch(/^Fault: inventory-short, somebody else was quicker/)
  expect(shown.stdout).toMatch(/attempt 1 of 2 failed: .* \(again in /)
  expect(shown.stdout).toMatch(/attempt 2 of 2 failed: .* \(not tried again\)/)
  expect(shown.stdout).toMatch(
    /What the systems were asked\n(.*\n)* {2}409 +inventory +PUT +\/reservations\/order_/,
  )
})

test('with --json it is one document, with the calls in it', async () => {
  const { url } = await cloneDatabase()
  const words = ['order-processing', '--fault', 'payment-declined', '--json']
  const { exitCode, stdout } = await runExample(words, { DATABASE_URL: url })
  expect(exitCode).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject({
    state: 'error',
    example: 'order-processing',
    fault: 'payment-declined',
    calls: [
      { path: '/products/1' },
      { path: '/products/2' },
      { system: 'payments', path: '/charges', status: 402, body: { amount: 124.76 } },
    ],
  })
})

test.for([
  [['nothing'], 'There is no example "nothing". Known are order-processing, '],
  [['order-processing', '--fault', 'odd'], 'order-processing has no fault "odd"; it has payment-'],
] as const)('%j is a misuse', async ([words, message]) => {
  const { exitCode, stderr } = await runExample(words)
  expect(exitCode).toBe(2)
  expect(stderr).toContain(message)
})
