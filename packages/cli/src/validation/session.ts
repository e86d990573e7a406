// What both validators share around their checks: a Tasker that serves the workflows of the validation and nothing else, and
// the report at the end.
import { createTasker, type Tasker, type TaskerOptionsInput } from '@tasker/engine'
import { codeOf, type ExitCode } from '../failure.ts'
import { lineLogger } from '../log-lines.ts'
import { listenForStop } from '../stop-signals.ts'
import type { Settings } from '../settings.ts'
import type { Terminal } from '../terminal.ts'
import { Unreachable, type Checklist, type Finding, type Verdict } from './checklist.ts'
import { printVerdict } from './report.ts'
import {
  areServed,
  createWorkflows,
  followWorkflows,
  removeWorkflows,
  workflowsFinding,
  type Run,
} from './run-workflows.ts'
import { deadlineIn, type Deadline } from './deadline.ts'
import { planRuns, validationDefinitions, type Plan } from './workflows.ts'

/** The worker of this command runs the workflows, whatever those of the application are limited to. */
export const ownWorker: Omit<TaskerOptionsInput, 'database'> = {
  orchestration: { namespaces: null, versions: null },
}

export interface Session {
  readonly list: Checklist
  readonly terminal: Terminal
  readonly settings: Settings
  /** How long is waited for what is to come, and how often it is looked for. */
  readonly wait: { readonly timeoutMs: number } & Pick<Deadline, 'intervalMs' | 'signal'>
  readonly plan: Plan
  /** Of what was created, and is to be removed. */
  taskIds: readonly string[]
  /** Empty until they ran. */
  runs: readonly Run[]
  /** Said under the checks. */
  readonly notes: string[]
}

export const newSession = (
  parts: Pick<Session, 'list' | 'terminal' | 'settings' | 'wait'>,
): Session => ({ ...parts, plan: planRuns(), taskIds: [], runs: [], notes: [] })

/** Opens the database of the configuration, and takes the workflows away again in the end. */
export async function withValidationTasker(
  session: Session,
  { metrics }: { readonly metrics: boolean },
  use: (tasker: Tasker) => Promise<void>,
): Promise<void> {
  const tasker = await openTasker(session, metrics)
  if (tasker === null) return
  try {
    await use(tasker)
  } finally {
    // What is worth knowing stands in the checks; the way back may not hide it.
    const cleaned = removeWorkflows(tasker, session.taskIds)
    session.notes.push(await cleaned.catch((error: unknown) => `not cleaned up: ${String(error)}`))
    await tasker.close()
  }
}

async function openTasker(
  { list, terminal, settings: { resolved } }: Session,
  metrics: boolean,
): Promise<Tasker | null> {
  let opened: Tasker | null = null
  await list.make('database', async () => {
    try {
      const logger = quiet(terminal)
      const definitions = validationDefinitions
      opened = await createTasker({ logger, resolved, definitions, metrics })
      return { seen: `${opened.database.url}, schema ${opened.database.schema}`, faults: [] }
    } catch (error) {
      if (codeOf(error) !== 'DATABASE_UNREACHABLE' || !(error instanceof Error)) throw error
      throw new Unreachable(error.message)
    }
  })
  return opened
}

/** The log would stand between the lines of the report; what is wrong is always worth it. */
function quiet(terminal: Terminal): ReturnType<typeof lineLogger> {
  const logger = lineLogger(terminal)
  return { ...logger, info: (fields, message) => logger.debug(fields, message) }
}

/** From now on. */
export const freshDeadline = ({ wait }: Session): Deadline => deadlineIn(wait.timeoutMs, wait)

/** They take a moment, and a busy machine some more; however little one wants to wait for others. */
const workflowsMinMs = 20_000

/** The check `workflows`. */
export function checkWorkflows(
  session: Session,
  tasker: Tasker,
  expectedWorkers: 'one' | 'any',
): Promise<boolean> {
  return session.list.make('workflows', async (): Promise<Finding> => {
    const { plan, wait } = session
    session.taskIds = await createWorkflows(tasker, plan)
    const isRun = expectedWorkers === 'one' || (await areServed(tasker, session.taskIds))
    const waitMs = isRun ? Math.max(wait.timeoutMs, workflowsMinMs) : 0
    const deadline = deadlineIn(waitMs, wait)
    session.runs = await followWorkflows(tasker, plan, session.taskIds, deadline)
    return workflowsFinding(session.runs, expectedWorkers)
  })
}

/** Runs `use` with a signal that Ctrl-C aborts, so that what was begun is still cleaned up. */
export async function untilStopped(
  terminal: Terminal,
  use: (signal: AbortSignal) => Promise<ExitCode>,
): Promise<ExitCode> {
  const stop = listenForStop(() => terminal.log('Stopping: what was created is removed.'))
  try {
    return await use(stop.requested)
  } finally {
    stop.dispose()
  }
}

/** Prints the verdict as text, which with `--json` goes to stderr, and as a document. */
export function finish(
  validator: 'prometheus' | 'jaeger',
  { list, terminal, runs, notes }: Session,
  isVerbose: boolean,
): ExitCode {
  const verdict = list.verdict()
  terminal.document({ validator, ...verdict, ...told(verdict, runs), notes })
  printVerdict(verdict, terminal, { isVerbose, notes })
  return verdict.exitCode
}

const told = ({ checks }: Verdict, runs: readonly Run[]): Readonly<Record<string, unknown>> => ({
  workflows: runs.map(({ name, taskId, correlationId, state }) => ({
    name,
    taskId,
    correlationId,
    state,
  })),
  recommendations: checks.flatMap(({ passed, details: { remedy } }) =>
    passed || remedy === null ? [] : [remedy],
  ),
})
