// Every workload runs, at the smallest size, on a real server: its runs are valid, its figures are there, and its targets can
// be judged. What the figures are is nothing to a test.
import { expect, test } from 'vitest'
import { benchDocumentSchema, figuresSchema } from '../src/bench-document.ts'
import { measureRounds } from '../src/rounds.ts'
import { peerWorkloads } from '../src/peer-workloads.ts'
import { startServer } from '../src/server.ts'
import type { Part, Stage } from '../src/workload.ts'
import { workloads } from '../src/workloads/index.ts'

test('each workload is valid and tells its figures', async () => {
  const server = await startServer(null)
  try {
    const stage: Stage = {
      server,
      slots: 40,
      workers: 1,
      divisor: 500,
      isFull: false,
      note: () => undefined,
    }
    for (const workload of workloads) {
      // Several workers where that is what it is about.
      const workers = workload.name === 'wide' ? 2 : 1
      const parts = await workload.run({ ...stage, workers })
      expect(parts).not.toEqual([])
      for (const part of parts) expectFigures(part)
      for (const verdict of workload.judge([parts])) expect(verdict.says).not.toBe('')
    }
  } finally {
    await server.stop()
  }
})

test('rounds ask everybody for everything, and keep why somebody failed', async () => {
  const server = await startServer(null)
  try {
    const said: string[] = []
    const measured = await measureRounds(server, {
      workloads: peerWorkloads.filter(({ name }) => name === 'diamond'),
      subjects: ['tasker', 'nobody'],
      rounds: 1,
      slots: 10,
      redisUrl: null,
      divisor: 400,
      say: (line) => said.push(line),
    })
    expect(measured.subjects.map(({ title }) => title)).toEqual(['Tasker'])
    expect(measured.commits).toHaveLength(1)
    const [ours, nobodys] = measured.workloads[0]?.results ?? []
    expect(ours).toMatchObject({ subject: 'tasker', failures: [] })
    expect(ours?.rounds[0]?.['stepsPerSecond']).toBeGreaterThan(0)
    expect(nobodys).toMatchObject({ subject: 'nobody', rounds: [null] })
    expect(nobodys?.failures).toHaveLength(1)
    expect(nobodys?.failures[0]).toContain('no subject is named nobody')
    expect(said).toHaveLength(4)
  } finally {
    await server.stop()
  }
})

test('a document without its machine is refused', () => {
  expect(benchDocumentSchema.safeParse({ date: '2026-01-31', workloads: [] }).success).toBe(false)
})

const always = [
  'stepsPerSecond',
  'statementsPerStep',
  'commitsPerStep',
  'walBytesPerStep',
  'nodeCpuUsPerStep',
  'maxMemoryMb',
]

function expectFigures({ figures }: Part): void {
  expect(always.filter((name) => typeof figuresSchema.parse(figures)[name] !== 'number')).toEqual(
    [],
  )
}
