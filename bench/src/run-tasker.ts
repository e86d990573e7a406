// One run of Tasker at work that only it is asked for: one process that creates and runs, others that help to run, and what
// all of them cost. What the handlers count is compared with what the tables say.
import pg from 'pg'
import { startChild, type Child } from './child-process.ts'
import { startMeasuring } from './database-cost.ts'
import { sizeOf, type OwnWork } from './own-work.ts'
import { requireEqual, type Run } from './run-subject.ts'
import type { AssistantCount, OwnOrder, OwnReport } from './work.ts'

export interface OwnRun extends Run {
  readonly report: OwnReport
}

export interface OwnOptions {
  readonly slots: number
  /** Processes, the one that creates among them. */
  readonly workers: number
}

export async function runTasker(
  databaseUrl: string,
  work: OwnWork,
  { slots, workers }: OwnOptions,
): Promise<OwnRun> {
  const children: Child[] = []
  const start = (isAssistant: boolean): Child => {
    const order: OwnOrder = { work, databaseUrl, slots, isAssistant }
    const child = startChild('tasker-process.ts', order)
    children.push(child)
    return child
  }
  try {
    const lead = start(false)
    await lead.heard('open')
    const assistants = Array.from({ length: workers - 1 }, () => start(true))
    for (const assistant of assistants) assistant.on('completed', () => lead.send('completed'))
    await Promise.all(assistants.map((assistant) => assistant.heard('ready')))
    lead.send('warm')
    await lead.heard('ready')
    const run = await measure(databaseUrl, work, lead, assistants)
    // In good order: what this database measures next must not wait for the leases of these.
    for (const assistant of assistants) assistant.send('end')
    await Promise.all(children.map((child) => child.ended()))
    return run
  } finally {
    for (const child of children) child.kill()
  }
}

async function measure(
  databaseUrl: string,
  work: OwnWork,
  lead: Child,
  assistants: readonly Child[],
): Promise<OwnRun> {
  const storedBefore = await readStored(databaseUrl)
  const countsBefore = await Promise.all(assistants.map(countOf))
  const measuring = await startMeasuring(databaseUrl)
  lead.send('go')
  // Only an OwnReport is sent by tasker-process.ts.
  const own = (await lead.heard('done')) as OwnReport
  const database = await measuring.end()
  const countsAfter = await Promise.all(assistants.map(countOf))
  const report = together(own, countsBefore, countsAfter)
  const { tasks, steps } = sizeOf(work)
  const stored = await readStored(databaseUrl)
  requireEqual('handlers that ran', report.ranCount, steps)
  requireEqual('complete tasks', stored.tasks - storedBefore.tasks, tasks)
  requireEqual('complete steps', stored.steps - storedBefore.steps, steps)
  requireEqual('claims of complete steps', stored.claims - storedBefore.claims, steps)
  return { taskCount: tasks, steps, report, database }
}

async function countOf(assistant: Child): Promise<AssistantCount> {
  const counted = assistant.heard('counted')
  assistant.send('count')
  return counted
}

/** The report of the process that creates, with what its assistants did meanwhile. */
function together(
  own: OwnReport,
  before: readonly AssistantCount[],
  after: readonly AssistantCount[],
): OwnReport {
  const grown = (figure: 'ranCount' | 'cpuMs'): number =>
    own[figure] +
    after.reduce((sum, count, index) => sum + count[figure] - (before[index]?.[figure] ?? 0), 0)
  return {
    ...own,
    ranCount: grown('ranCount'),
    cpuMs: grown('cpuMs'),
    maxMemoryBytes: after.reduce((sum, count) => sum + count.maxMemoryBytes, own.maxMemoryBytes),
  }
}

/** What is complete, and how often its steps were claimed: once each, or a step ran twice. */
async function readStored(
  databaseUrl: string,
): Promise<{ readonly tasks: number; readonly steps: number; readonly claims: number }> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    const { rows } = await client.query<Record<'tasks' | 'steps' | 'claims', string>>(
      `/* bench */ select
         (select count(*) from tasker.tasks t where t.state = 'complete') as tasks,
         count(*) as steps, coalesce(sum(s.claim_no), 0) as claims
       from tasker.workflow_steps s where s.state = 'complete'`,
    )
    const [row] = rows
    return {
      tasks: Number(row?.tasks),
      steps: Number(row?.steps),
      claims: Number(row?.claims),
    }
  } finally {
    await client.end()
  }
}
