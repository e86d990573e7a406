// The two things that are claimed like steps and are none: the annotations hook of a complete task (step 0) and the
// deadline (step -1).
import { storeAnnotations } from '../database/annotations.ts'
import { inScope } from '../correlation.ts'
import { readSteps } from '../database/read-steps.ts'
import { readTasks } from '../database/read-tasks.ts'
import { settleTasks, type EndedTask, type StepOutcome } from '../database/steps.ts'
import type { WorkerId } from '../ids.ts'
import { failed, succeeded } from '../steps/outcome.ts'
import { bounded, outcomeOfThrow, type Attempt, type StepRunner } from '../steps/run-step.ts'

export interface HookResult {
  readonly outcome: StepOutcome
  /** The task that the deadline ended; none when it had ended before. */
  readonly ended: readonly EndedTask[]
}

export async function runTaskHook(
  runner: StepRunner,
  attempt: Attempt,
  workerId: WorkerId,
): Promise<HookResult> {
  try {
    let ended: readonly EndedTask[] = []
    if (attempt.step.stepNo === -1) ended = await endAtDeadline(runner, attempt, workerId)
    else await annotate(runner, attempt)
    return { outcome: succeeded(attempt.step, null, runner.policy), ended }
  } catch (error) {
    const outcome = attempt.abort.signal.aborted
      ? outcomeOfThrow(runner, attempt, error)
      : failed(attempt.step, error, runner.policy)
    return { outcome, ended: [] }
  }
}

async function endAtDeadline(
  runner: StepRunner,
  { step }: Attempt,
  workerId: WorkerId,
): Promise<readonly EndedTask[]> {
  const [settled] = await settleTasks(runner.database, {
    taskIds: [step.taskId],
    state: 'error',
    actor: `worker:${workerId}`,
    reason: 'deadline_exceeded',
    now: runner.clock.databaseNow(),
  })
  if (settled?.isSettled !== true) return []
  const asked = { context: false, execution: false }
  const tasks = await readTasks(runner.database, [step.taskId], null, asked)
  const task = tasks.get(step.taskId)
  if (task === undefined || task.endedAt === null) return []
  const { taskId, state, createdAt, endedAt } = task
  const { definitionId } = step
  return [{ taskId, state, definitionId, createdAt, endedAt, seq: settled.seq }]
}

async function annotate(runner: StepRunner, attempt: Attempt): Promise<void> {
  const { step, definition } = attempt
  const { annotate: hook } = definition
  if (hook === null) return // registered without the hook since the task was created
  const asked = { results: true, errors: false, inputs: false }
  const read = await readSteps(runner.database, [step.taskId], runner.clock.databaseNow(), asked)
  const steps = read.get(step.taskId) ?? []
  const completed = {
    taskId: step.taskId,
    context: step.context,
    steps: steps.map(({ name, state, result }) => ({ name, state, results: result })),
  }
  const annotations = await bounded(runner, attempt, () =>
    inScope(attempt.scope, () => hook(completed)),
  )
  await storeAnnotations(runner.database, step.taskId, annotations, runner.clock.databaseNow())
}
