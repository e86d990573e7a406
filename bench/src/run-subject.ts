// One run of one subject: a database of its own, the subject in a process of its own, and what it cost. A run in which not
// every step ran exactly once is no result.
import { startChild } from './child-process.ts'
import { startMeasuring, type DatabaseCost } from './database-cost.ts'
import { emptyRedis, startMeasuringRedis } from './redis.ts'
import type { BenchServer } from './server.ts'
import { stepsPerTask } from './subject.ts'
import type { AboutSubject, ProcessReport, SubjectReport, Work } from './work.ts'
import { isOnRedis } from './subjects/index.ts'

export interface Run {
  readonly taskCount: number
  readonly steps: number
  readonly report: ProcessReport
  readonly database: DatabaseCost
}

/** What a run must not be for its figures to mean anything. */
export class InvalidRun extends Error {}

export interface SubjectRun extends Run {
  readonly about: AboutSubject
}

export interface SubjectOptions {
  readonly slots: number
  readonly redisUrl: string | null
  /** After so long without an end it has hung. Default: a quarter of an hour. */
  readonly patienceMs?: number
}

export async function runSubject(
  server: BenchServer,
  subject: string,
  work: Work,
  { patienceMs, ...options }: SubjectOptions,
): Promise<SubjectRun> {
  const redisUrl = isOnRedis(subject) ? options.redisUrl : null
  if (redisUrl !== null) await emptyRedis(redisUrl)
  return server.withDatabase(async (databaseUrl) => {
    const order = { subject, work, databaseUrl, ...options }
    const child = startChild('subject-process.ts', order, patienceMs)
    try {
      const { about } = await child.heard('ready')
      if (about === null) throw new InvalidRun(`${subject} does not say what it is`)
      const measuring = await (redisUrl === null
        ? startMeasuring(databaseUrl)
        : startMeasuringRedis(redisUrl))
      child.send('go')
      // Only a SubjectReport is sent by subject-process.ts.
      const report = (await child.heard('done')) as SubjectReport
      const database = await measuring.end()
      const steps = work.taskCount * stepsPerTask[work.shape]
      requireEqual(`handlers that ${subject} ran`, report.ranCount, steps)
      requireEqual(`steps that ${subject} ran them for`, report.distinctCount, steps)
      return { about, taskCount: work.taskCount, steps, report, database }
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
