// What a worker's memory holds, in a process of its own that collects garbage when asked: tools/bench-memory.ts, at a size
// that fits here. At full size: `npm run bench:memory`.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { cloneDatabase } from '../support/database.ts'

const program = fileURLToPath(new URL('../../../../tools/bench-memory.ts', import.meta.url))

interface Figures {
  readonly backlog: { readonly heapSpreadMb: number; readonly contextsTogetherMb: number }
  readonly ignoredTimeouts: {
    readonly handlers: number
    readonly stillKept: number
    readonly contextsCollected: number
    readonly bytesEach: number
  }
  readonly lostPromises: { readonly contextsCollected: number; readonly promisesCollected: number }
}

async function measure(...parameters: readonly string[]): Promise<Figures> {
  const { url } = await cloneDatabase()
  const given = ['--database', url, '--json', ...parameters]
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--expose-gc',
    '--conditions=@tasker/source',
    program,
    ...given,
  ])
  return JSON.parse(stdout) as Figures // what the program prints
}

test('is flat while a backlog is worked off, and keeps nothing that a handler was given which ignores its timeout', async () => {
  const sizes = '--tasks 1500 --handlers 700 --slots 20'.split(' ')
  const { backlog, ignoredTimeouts, lostPromises } = await measure(...sizes)
  expect(backlog.contextsTogetherMb).toBe(15)
  expect(backlog.heapSpreadMb).toBeLessThan(4)
  expect(ignoredTimeouts).toMatchObject({
    handlers: 700,
    stillKept: 700,
    contextsCollected: 700,
  })
  expect(lostPromises).toMatchObject({ contextsCollected: 700, promisesCollected: 700 })
  expect(ignoredTimeouts.bytesEach).toBeLessThan(4_000) // each was given 10,000
})
