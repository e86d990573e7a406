// What goes into the protocol's calls, with defaults for what a test does not care about, and the engine's port to PostgreSQL
// on one connection, so that calls join a transaction that somebody holds. Needs no test runner: the chaos harness uses it too.
import pg from 'pg'
import { repeatingTransient, type Database, type Row } from '../../src/database/connect.ts'
import type { NewTask } from '../../src/database/create-tasks.ts'
import type { GraphStepRow } from '../../src/database/definitions.ts'
import type { FinishCall, StepOutcome } from '../../src/database/steps.ts'
import {
  newCallId,
  newTaskId,
  type DefinitionId,
  type TaskId,
  type WorkerId,
} from '../../src/ids.ts'
import { Watched } from '../../src/watched.ts'

/** A step of a test's graph: its name, its parents' names, and what differs from an ordinary step. */
export type StepPlan = readonly [
  name: string,
  parents: readonly string[],
  settings?: Partial<Pick<GraphStepRow, 'retryable' | 'retry_limit' | 'priority'>>,
]

/** The step that a claim names; claimed steps have this shape too. */
export interface StepRef {
  readonly taskId: TaskId
  readonly stepNo: number
  readonly claimNo: number
}

/** A call with a new id that records nothing, claims nothing and waits for busy tasks, but for `parts`. */
export function finishCall(workerId: WorkerId, parts: Partial<FinishCall> = {}): FinishCall {
  return {
    workerId,
    callId: newCallId(),
    outcomes: [],
    waits: true,
    want: 0,
    lanes: [],
    dueFirst: false,
    settled: [],
    lostLimit: 5,
    resultsMaxBytes: 1_000_000,
    now: null,
    knownGraphs: [],
    ...parts,
  }
}

/** An outcome of the step: complete with the result `null` unless said otherwise. */
export function outcomeOf(step: StepRef, parts: Partial<StepOutcome> = {}): StepOutcome {
  return {
    taskId: step.taskId,
    stepNo: step.stepNo,
    claimNo: step.claimNo,
    kind: 'complete',
    result: (parts.kind ?? 'complete') === 'complete' ? 'null' : null,
    delayMs: null,
    runAt: null,
    reason: null,
    error: null,
    ...parts,
  }
}

export function newTask(definitionId: DefinitionId, request: Partial<NewTask> = {}): NewTask {
  return {
    taskId: newTaskId(),
    definitionId,
    context: '{}',
    priority: 2,
    tags: [],
    initiator: 'test',
    sourceSystem: 'test',
    reason: 'test',
    requestedAt: null,
    deadlineMs: null,
    bypassSteps: [],
    key: null,
    digest: null,
    keyTtlHours: 1,
    rerunOf: null,
    traceParent: null,
    correlationId: null,
    graph: null,
    ...request,
  }
}

/** Numbered rows of a graph, from 1, in the order given. */
export function graphOf(steps: readonly StepPlan[]): GraphStepRow[] {
  const numberOf = (name: string): number => steps.findIndex(([other]) => other === name) + 1
  return steps.map(([name, parents, settings], index) => ({
    step_no: index + 1,
    name,
    handler: 'handler',
    parents: parents.map(numberOf),
    children: steps.flatMap(([, theirs], child) => (theirs.includes(name) ? [child + 1] : [])),
    retryable: true,
    retry_limit: 3,
    skippable: false,
    priority: null,
    timeout_ms: null,
    dependent_system: '',
    inputs: null,
    ...settings,
  }))
}

/** The engine's port to PostgreSQL on one connection. */
export function databaseOn(
  query: (text: string, values?: readonly unknown[]) => Promise<Row[]>,
  schema = 'tasker',
): Database {
  return {
    schema,
    options: {
      url: '',
      schema,
      poolSize: 1,
      transactionPoolSize: 1,
      connectTimeoutMs: 0,
      statementTimeoutMs: 0,
      applicationName: 'lab',
      preparedStatements: false,
    },
    statements: new Watched(),
    run: (_name, text, values) => repeatingTransient(() => query(text, values)),
    transactionClient: () => Promise.reject(new Error('The lab has no pool.')),
    dedicatedClient: () => new pg.Client(),
    connections: () => ({ calls: noConnections, transactions: noConnections }),
    close: () => Promise.resolve(),
  }
}

const noConnections = { lent: 0, waiting: 0, size: 1 }
