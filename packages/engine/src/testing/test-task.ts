// One task in a test: runs it, stops it where the test wants to look, and says what is expected of it.
import { AssertionError } from 'node:assert'
import type { ResultsOf } from '../definitions/builder-types.ts'
import type { TaskView } from '../reports/task-view.ts'
import { isEnded, type TaskState } from '../states.ts'
import type { Tasker } from '../tasker-interface.ts'
import {
  assertHistory,
  assertReady,
  assertState,
  assertSteps,
  holdsFor,
  type BlockedExpectations,
  type HistoryExpectations,
  type StepExpectations,
  type StepNameOf,
} from './expectations.ts'
import type { TestClock } from './test-clock.ts'
import type { Turns } from './turns.ts'

/** A task that goes round in circles is given up. */
export interface TurnLimit {
  /** How often the kit looks what is due, or moves time. Default 1000. */
  readonly turnsMax?: number
}

/** A task, with the names and results of its definition where these are known. */
export interface TestTask<Definition> {
  readonly taskId: string
  /** As it stands now. */
  get(): Promise<TaskView<ResultsOf<Definition>>>
  /**
   * Runs it until it has ended, whatever its end: what is due is run, time moves to the next retry, wait or deadline, and
   * steps of a worker that crashed are taken over. Tasks beside it run too when they are due.
   * @throws {AssertionError} when nothing can happen any more, or after `turnsMax` turns, with what `tasks.why` says.
   */
  runToEnd(limit?: TurnLimit): Promise<TaskView<ResultsOf<Definition>>>
  /**
   * The same, level by level, until `goal` holds: it is looked at before anything runs, and after each level of steps.
   * @throws {AssertionError} when the task ends first, when nothing can happen any more, or after `turnsMax` turns.
   */
  runUntil(
    goal: StepExpectations<Definition> | ((task: TaskView<ResultsOf<Definition>>) => boolean),
    limit?: TurnLimit,
  ): Promise<TaskView<ResultsOf<Definition>>>
  /** @throws {AssertionError} */
  expectState(state: TaskState): Promise<void>
  /** Exactly these steps may run now. @throws {AssertionError} */
  expectReady(...steps: readonly StepNameOf<Definition>[]): Promise<void>
  /** These steps may not run now, for these reasons: `parent`, `retry`, `wait`, … @throws {AssertionError} */
  expectBlocked(steps: BlockedExpectations<Definition>): Promise<void>
  /** The steps named are in these states, or have these fields. @throws {AssertionError} */
  expectSteps(steps: StepExpectations<Definition>): Promise<void>
  /** The steps named entered exactly these states, one after another; all begin as pending. @throws {AssertionError} */
  expectHistory(steps: HistoryExpectations<Definition>): Promise<void>
}

export interface TestTaskParts {
  readonly tasks: Tasker['tasks']
  readonly turns: Turns
  readonly clock: TestClock
}

export function testTask<Definition>(taskId: string, parts: TestTaskParts): TestTask<Definition> {
  const { tasks, turns } = parts
  type View = TaskView<ResultsOf<Definition>>
  // The caller says which definition the task is of.
  const typed = (task: TaskView): View => task as View

  return {
    taskId,
    get: async () => typed(await tasks.get(taskId)),
    async runToEnd(limit) {
      await turns.run() // also what an ended task has left: its annotations
      return typed(await go(taskId, parts, { turn: () => turns.run(), isThere: isOver }, limit))
    },
    async runUntil(goal, limit) {
      const isReached = (task: TaskView): boolean =>
        typeof goal === 'function' ? goal(typed(task)) : holdsFor(task, goal)
      const isThere = (task: TaskView): boolean => isReached(task) || isOver(task)
      const task = await go(taskId, parts, { turn: () => turns.runWave(), isThere }, limit)
      if (isReached(task)) return typed(task)
      throw await stuck(taskId, tasks, 'The task ended before the goal was reached')
    },
    expectState: async (state) => assertState(await tasks.get(taskId), state),
    expectReady: async (...steps) => assertReady(await tasks.get(taskId), steps),
    async expectBlocked(steps) {
      const expected = Object.entries<string | undefined>(steps).map(
        ([name, blockedBy]) => [name, { isReady: false, blockedBy }] as const,
      )
      assertSteps(await tasks.get(taskId), Object.fromEntries(expected))
    },
    expectSteps: async (steps) => assertSteps(await tasks.get(taskId), steps),
    expectHistory: async (steps) =>
      assertHistory(await tasks.get(taskId), await tasks.history(taskId), steps),
  }
}

const isOver = (task: TaskView): boolean => isEnded(task.state)

interface Way {
  readonly turn: () => Promise<readonly string[]>
  readonly isThere: (task: TaskView) => boolean
}

/** Turn after turn, with time moved on where nothing is due, until it is there. */
async function go(
  taskId: string,
  { tasks, turns, clock }: TestTaskParts,
  { turn, isThere }: Way,
  { turnsMax = 1000 }: TurnLimit = {},
): Promise<TaskView> {
  let idleTurns = 0
  for (let count = 0; count < turnsMax; count += 1) {
    const task = await tasks.get(taskId)
    if (isThere(task)) return task
    if (idleTurns > 1) throw await stuck(taskId, tasks, 'Nothing of the task can happen any more')
    const next = nextMove(task, clock.now(), idleTurns > 0)
    if (next.kind === 'wait') await clock.advanceTo(next.until)
    const started = next.kind === 'rescue' ? await turns.runRescue() : await turn()
    idleTurns = started.length > 0 || next.kind === 'wait' ? 0 : idleTurns + 1
  }
  throw await stuck(taskId, tasks, `The task has not come to an end after ${turnsMax} turns`)
}

type Move =
  | { readonly kind: 'run' | 'rescue' }
  /** Nothing is due before. */
  | { readonly kind: 'wait'; readonly until: Date }

function nextMove({ execution, deadlineAt }: TaskView, now: Date, hasRun: boolean): Move {
  if (execution.readySteps > 0 && !hasRun) return { kind: 'run' }
  // Between two turns nothing of ours runs: whoever holds it is dead.
  if (execution.inProgressSteps > 0) return { kind: 'rescue' }
  const times = [execution.nextDueAt, deadlineAt].filter((at) => at !== null && at > now)
  const until = times.toSorted((a, b) => Number(a) - Number(b))[0]
  return until === undefined || until === null ? { kind: 'run' } : { kind: 'wait', until }
}

async function stuck(
  taskId: string,
  tasks: Tasker['tasks'],
  problem: string,
): Promise<AssertionError> {
  const { summary, steps } = await tasks.why(taskId)
  const lines = steps.map(
    ({ step, state, explanation, next }) => `\n  ${step} (${state}): ${explanation}; ${next}`,
  )
  return new AssertionError({ message: `${problem}. ${summary}${lines.join('')}` })
}
