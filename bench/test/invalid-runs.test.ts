// A run in which not every step ran exactly once gives no figures, whoever is measured.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { InvalidRun, requireEqual, runSubject } from '../src/run-subject.ts'
import { startServer, type BenchServer } from '../src/server.ts'

const work = { kind: 'throughput', shape: 'linear', taskCount: 3 } as const
const folder = mkdtempSync(join(tmpdir(), 'tasker-bench-test-'))
let server: BenchServer

beforeAll(async () => {
  server = await startServer(null)
})

afterAll(async () => {
  await server.stop()
  rmSync(folder, { recursive: true })
})

/** @param steps The names of the steps that run of task number `task`: code. */
const runOf = (steps: string) =>
  runSubject(server, subjectFile(steps), work, { slots: 10, redisUrl: null })

test('each handler once is a valid run', async () => {
  expect(await runOf('[1, 2, 3, 4, 5]')).toMatchObject({
    about: { name: 'sample', configuration: 'none', keeps: 'nothing' },
    steps: 15,
    report: { ranCount: 15 },
  })
})

test('a lost call of a handler is refused', async () => {
  const refused = await runOf('task === 1 ? [1, 2, 3, 4] : [1, 2, 3, 4, 5]').catch(
    (error: unknown) => error,
  )
  expect(refused).toBeInstanceOf(InvalidRun)
  expect(String(refused)).toContain(': 14, not 15')
})

test('a step that runs twice is refused', async () => {
  const twice = runOf('task === 1 ? [1, 2, 3, 4, 5, 5] : [1, 2, 3, 4, 5]')
  await expect(twice).rejects.toThrow(': 16, not 15')
})

test('a step that runs twice while another is lost is refused', async () => {
  const mixed = runOf('task === 1 ? [1, 2, 3, 4, 4] : [1, 2, 3, 4, 5]')
  await expect(mixed).rejects.toThrow(': 14, not 15')
})

test('a subject that breaks is told with its reason', async () => {
  await expect(runOf('noSuchQueue()')).rejects.toThrow(
    /before it was ready.*: noSuchQueue is not defined/,
  )
})

test('counts that differ are no figure', () => {
  expect(() => requireEqual('steps', 1, 2)).toThrow('the run is not valid: steps: 1, not 2')
})

/** A subject that calls handlers without doing anything else. */
function subjectFile(steps: string): string {
  const file = join(folder, `${Buffer.from(steps).toString('hex')}.ts`)
  writeFileSync(
    file,
    `export const subject = {
      name: 'sample', configuration: 'none', keeps: 'nothing',
      async open({ ran }) {
        return {
          async run(shape, count) {
            for (let task = 0; task < count; task += 1) {
              for (const step of ${steps}) ran(task, step)
            }
          },
          async close() {},
        }
      },
    }`,
  )
  return file
}
