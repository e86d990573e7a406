// Steps that a call of this worker released and claimed, all of whose parents it recorded. What their handlers need is here
// already: context and definition came with the parents, and their results are what the call carried. So the database is
// not asked for it again.
import type { Database } from '../database/connect.ts'
import { graphRows, readGraphs, type GraphStepRow } from '../database/definitions.ts'
import {
  stepKey,
  type ClaimedChild,
  type ClaimedStep,
  type FinishCall,
  type StepOutcome,
} from '../database/steps.ts'
import type { TaskDefinition } from '../definitions/model.ts'
import type { DefinitionId, GraphId, TaskId } from '../ids.ts'
import type { Json } from '../json.ts'
import { asStored } from '../storable.ts'
import type { SentAttempt } from './publish.ts'

type SentCall = Pick<FinishCall, 'outcomes' | 'resultsMaxBytes'>
type Results = Readonly<Record<string, Json>>

interface ServedDefinitions {
  readonly database: Database
  readonly definitions: ReadonlyMap<DefinitionId, TaskDefinition>
}

/** What is known of a task by any of its steps. */
interface KnownTask {
  readonly step: ClaimedStep
  readonly graph: readonly GraphStepRow[]
}

export class Children {
  readonly #sentFor: (outcome: StepOutcome) => SentAttempt | undefined
  #stored: ReadonlyMap<DefinitionId, GraphId> = new Map()
  readonly #graphs = new Map<TaskDefinition, readonly GraphStepRow[]>()

  constructor(sentFor: (outcome: StepOutcome) => SentAttempt | undefined) {
    this.#sentFor = sentFor
  }

  /** Graphs that are stored as the definitions say. Children in others are not described here. */
  async learn({ database, definitions }: ServedDefinitions): Promise<void> {
    this.#stored = await readGraphs(database, definitions)
  }

  /** Of the tasks of these outcomes, those that are known. */
  graphsOf(outcomes: readonly StepOutcome[]): readonly GraphId[] {
    const tasks = [...this.#tasksIn({ outcomes }).values()]
    const ids = new Set(tasks.map(({ step }) => this.#stored.get(step.definitionId)))
    return [...ids].filter((id) => id !== undefined)
  }

  /** Ask before the outcomes of the call are forgotten. */
  describe(children: readonly ClaimedChild[], call: SentCall): readonly ClaimedStep[] {
    if (children.length === 0) return []
    const tasks = this.#tasksIn(call)
    const results = new Map(call.outcomes.map((outcome) => [stepKey(outcome), outcome.result]))
    const stored = storedOnce()
    return children.flatMap((child) => {
      const task = tasks.get(child.taskId)
      const row = task?.graph[child.stepNo - 1]
      // Never: the call carried its parents. If it happened, the next heartbeat would hand the step back.
      if (task === undefined || row === undefined) return []
      const { definitionId, createdAt, context } = task.step
      const { traceParent, taskStartedAt, correlationId } = task.step
      const { name, handler, timeout_ms: timeoutMs } = row
      const inputs = JSON.parse(stored(JSON.stringify(row.inputs))) as Json // what JSON.parse returns
      const parents = row.parents.map((stepNo): readonly [string, string | null] => [
        task.graph[stepNo - 1]?.name ?? '',
        results.get(stepKey({ taskId: child.taskId, stepNo })) ?? null,
      ])
      const known = { definitionId, createdAt, context }
      const trace = { traceParent, taskStartedAt, correlationId }
      const own = { name, handler, timeoutMs, inputs }
      const given = resultsOf(parents, call.resultsMaxBytes, stored)
      return [{ ...child, ...known, ...trace, ...own, results: given }]
    })
  }

  #tasksIn({ outcomes }: Pick<SentCall, 'outcomes'>): ReadonlyMap<TaskId, KnownTask> {
    const tasks = new Map<TaskId, KnownTask>()
    for (const outcome of outcomes) {
      if (outcome.kind !== 'complete' || tasks.has(outcome.taskId)) continue
      const sent = this.#sentFor(outcome)
      // An attempt that was left behind keeps nothing of what it was given, and its outcome is refused.
      if (sent === undefined || !('context' in sent.step)) continue
      tasks.set(outcome.taskId, { step: sent.step, graph: this.#graphOf(sent.definition) })
    }
    return tasks
  }

  #graphOf(definition: TaskDefinition): readonly GraphStepRow[] {
    const known = this.#graphs.get(definition)
    if (known !== undefined) return known
    const rows = graphRows(definition.steps)
    this.#graphs.set(definition, rows)
    return rows
  }
}

/**
 * Puts the keys of each text in order once, however many children read it: for a large result that costs many times what
 * reading it does.
 */
function storedOnce(): (text: string) => string {
  const known = new Map<string, string>()
  return (text) => {
    const stored = known.get(text) ?? asStored(text)
    known.set(text, stored)
    return stored
  }
}

/** Null: too large to be held for every child that waits for its turn; each reads them when it starts. */
function resultsOf(
  parents: readonly (readonly [name: string, text: string | null])[],
  maxBytes: number,
  stored: (text: string) => string,
): Results | null {
  const length = parents.reduce((sum, [, text]) => sum + (text?.length ?? 0), 0)
  if (length > maxBytes) return null
  return Object.fromEntries(
    parents.map(([name, text]): [string, Json] => [
      name,
      text === null ? null : (JSON.parse(stored(text)) as Json), // a copy of its own for each child
    ]),
  )
}
