// One run: a database of its own, the subject in a process of its own, and what it cost. A run in which not every step ran
// exactly once is no result.
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { startMeasuring, type DatabaseCost } from './database-cost.ts'
import type { BenchServer } from './server.ts'
import { stepsPerTask } from './subject.ts'
import type { ProcessReport, Work, WorkOrder } from './work.ts'

export interface SubjectRun {
  readonly subject: string
  readonly work: Work
  readonly slots: number
  readonly steps: number
  readonly report: ProcessReport
  readonly database: DatabaseCost
}

/** After so long without an end a run has hung. */
const patienceMs = 15 * 60_000

const program = join(import.meta.dirname, 'subject-process.ts')

export async function runSubject(
  server: BenchServer,
  subject: string,
  work: Work,
  options: { readonly slots: number; readonly redisUrl: string | null },
): Promise<SubjectRun> {
  return server.withDatabase(async (databaseUrl) => {
    const order: WorkOrder = { subject, work, databaseUrl, isAssistant: false, ...options }
    const child = start(order)
    try {
      await heard(child, 'ready')
      const measuring = await startMeasuring(databaseUrl)
      child.send('go')
      const report = await heard(child, 'done')
      const database = await measuring.end()
      const steps = work.taskCount * stepsPerTask[work.shape]
      if (report.ranCount !== steps) {
        throw new Error(
          `the run is not valid: ${subject} ran ${report.ranCount} handlers, not ${steps}`,
        )
      }
      return { subject, work, slots: options.slots, steps, report, database }
    } finally {
      child.kill('SIGKILL')
    }
  })
}

function start(order: WorkOrder): ChildProcess {
  return fork(program, [JSON.stringify(order)], {
    execArgv: ['--conditions=@tasker/source'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
}

/** The message of this kind. A process that ends or falls silent is a failure. */
async function heard(child: ChildProcess, kind: 'ready'): Promise<void>
async function heard(child: ChildProcess, kind: 'done'): Promise<ProcessReport>
async function heard(child: ChildProcess, kind: string): Promise<unknown> {
  const signal = AbortSignal.timeout(patienceMs)
  const exited = once(child, 'exit', { signal }).then(([code]) => {
    throw new Error(`the process of the subject ended (${String(code)}) before it was ${kind}`)
  })
  const message = once(child, 'message', { signal }).then(([said]) => said as { kind: string })
  const said = await Promise.race([message, exited])
  if (said.kind !== kind) throw new Error(`expected ${kind}, heard ${said.kind}`)
  return said
}
