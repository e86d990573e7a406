// One run of one subject: a database of its own, the subject in a process of its own, and what it cost. A run in which not
// every step ran exactly once is no result.
import { startChild } from './child-process.ts'
import { startMeasuring, type DatabaseCost } from './database-cost.ts'
import type { BenchServer } from './server.ts'
import { stepsPerTask } from './subject.ts'
import type { ProcessReport, Work } from './work.ts'

export interface Run {
  readonly taskCount: number
  readonly steps: number
  readonly report: ProcessReport
  readonly database: DatabaseCost
}

/** What a run must not be for its figures to mean anything. */
export class InvalidRun extends Error {}

export async function runSubject(
  server: BenchServer,
  subject: string,
  work: Work,
  options: { readonly slots: number; readonly redisUrl: string | null },
): Promise<Run> {
  return server.withDatabase(async (databaseUrl) => {
    const child = startChild('subject-process.ts', { subject, work, databaseUrl, ...options })
    try {
      await child.heard('ready')
      const measuring = await startMeasuring(databaseUrl)
      child.send('go')
      const report = await child.heard('done')
      const database = await measuring.end()
      const steps = work.taskCount * stepsPerTask[work.shape]
      requireEqual(`handlers that ${subject} ran`, report.ranCount, steps)
      return { taskCount: work.taskCount, steps, report, database }
    } finally {
      child.kill()
    }
  })
}

/** @throws {InvalidRun} when they differ. */
export function requireEqual(what: string, found: number, expected: number): void {
  if (found !== expected) {
    throw new InvalidRun(`the run is not valid: ${what}: ${found}, not ${expected}`)
  }
}
