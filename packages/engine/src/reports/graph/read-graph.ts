// The graph of a task, from its history; the graph of a definition, of this process or of the database.
import type { Database } from '../../database/connect.ts'
import {
  readMeanDurations,
  readRecordedDurations,
  type StepDurations,
} from '../../database/read-durations.ts'
import { readTaskGraph } from '../../database/read-task-graph.ts'
import { contentOf, type DefinitionContent } from '../../definitions/definition-content.ts'
import { isJsonObject } from '../../definitions/json-value.ts'
import type { TaskDefinition } from '../../definitions/model.ts'
import type { DefinitionRegistry } from '../../definitions/registry.ts'
import type { TaskId } from '../../ids.ts'
import { contentAt, type DiffSide } from '../definition-diff.ts'
import { taskNotFound } from '../task-view.ts'
import { readTimeline, type Timeline } from '../timeline.ts'
import { toMicroseconds } from './longest-path.ts'
import {
  buildStepGraph,
  requireDurationSource,
  type DurationSource,
  type StepGraph,
} from './step-graph.ts'

/** Complete tasks whose steps make the measured durations of a definition. */
const tasksMeasuredMax = 20

/** @throws {TaskerError} TASK_NOT_FOUND */
export async function readGraphOfTask(
  database: Database,
  taskId: TaskId,
  { at, durations }: { readonly at: Date | null; readonly durations: DurationSource },
): Promise<StepGraph> {
  requireDurationSource(durations)
  // The history first: when it says that the task has ended, the states read after it are its end.
  const timeline = await readTimeline(database, taskId, at)
  const reading = await readTaskGraph(database, taskId, at)
  if (reading === null) throw taskNotFound(taskId, database.schema)
  const durationsMs =
    durations === 'recorded'
      ? await readRecordedDurations(database, taskId)
      : measuredOf(durations === 'none' ? [] : timeline.steps)
  const nameOf = new Map(reading.steps.map((step) => [step.stepNo, step.name]))
  const { namespace, name, version, state } = timeline
  return buildStepGraph({
    namespace,
    name,
    version,
    taskId,
    state,
    durations,
    steps: reading.steps.map((step) => ({
      name: step.name,
      dependsOn: step.parents.flatMap((stepNo) => nameOf.get(stepNo) ?? []),
      state: step.state,
      attempts: step.attempts,
      retryLimit: step.retryLimit,
    })),
    durationsMs: rounded(durationsMs),
  })
}

/** All attempts of a step together, the running one until now; without waits between them. Steps that never ran have none. */
function measuredOf(steps: Timeline['steps']): StepDurations {
  return new Map(steps.flatMap(({ step, claims, ranMs }) => (claims > 0 ? [[step, ranMs]] : [])))
}

/** @throws {TaskerError} DEFINITION_NOT_FOUND */
export async function readGraphOfDefinition(
  database: Database,
  registry: DefinitionRegistry,
  { side, durations }: { readonly side: DiffSide; readonly durations: DurationSource },
): Promise<StepGraph> {
  requireDurationSource(durations)
  const content = await contentAt(database, registry, side)
  if (durations !== 'measured') return graphOfContent(content, durations)
  const means = await readMeanDurations(database, { ...content, tasksMax: tasksMeasuredMax })
  return graphOfContent(content, durations, means)
}

/**
 * The graph of a definition, without a database: no states, and durations only where the steps of a trace recorded them.
 * For its measured durations, and for a stored definition, see `reports.definitionGraph`.
 */
export function definitionGraph(
  definition: TaskDefinition,
  { durations = 'none' }: { readonly durations?: Exclude<DurationSource, 'measured'> } = {},
): StepGraph {
  return graphOfContent(contentOf(definition), durations)
}

function graphOfContent(
  { namespace, name, version, steps }: DefinitionContent,
  durations: DurationSource,
  measured: StepDurations = new Map(),
): StepGraph {
  return buildStepGraph({
    namespace,
    name,
    version,
    taskId: null,
    state: null,
    durations,
    steps: steps.map((step) => ({
      name: step.name,
      dependsOn: step.dependsOn,
      state: null,
      attempts: null,
      retryLimit: step.retryLimit,
    })),
    durationsMs: rounded(durations === 'recorded' ? recordedIn(steps) : measured),
  })
}

function recordedIn(steps: DefinitionContent['steps']): StepDurations {
  return new Map(
    steps.flatMap(({ name, inputs }) => {
      const seconds = isJsonObject(inputs) ? inputs['runtime_seconds'] : null
      return typeof seconds === 'number' ? [[name, seconds * 1_000]] : []
    }),
  )
}

const rounded = (durations: StepDurations): StepDurations =>
  new Map([...durations].map(([name, ms]) => [name, toMicroseconds(ms)]))
