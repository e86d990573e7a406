// The caller of register_definition: stores a definition version with its graph, or finds it.
import { newGraphId, type DefinitionId, type GraphId } from '../ids.ts'
import type { JsonObject, Json } from '../json.ts'
import type { TaskDefinition, StepSettings } from '../definitions/model.ts'
import { shownConfiguration } from '../definitions/shown-configuration.ts'
import { priorities } from '../states.ts'
import type { Database } from './connect.ts'

export interface StoredDefinition {
  readonly definitionId: DefinitionId
  /** True: another digest is stored under this version, and tasks use it. */
  readonly isConflict: boolean
}

/** The columns of graph_steps, as the functions read them from JSON. */
export interface GraphStepRow extends JsonObject {
  readonly step_no: number
  readonly name: string
  readonly handler: string
  readonly parents: readonly number[]
  readonly children: readonly number[]
  readonly retryable: boolean
  readonly retry_limit: number
  readonly skippable: boolean
  readonly priority: number | null
  readonly timeout_ms: number | null
  readonly dependent_system: string
  readonly inputs: Json
}

export async function storeDefinition(
  database: Database,
  definition: TaskDefinition,
): Promise<StoredDefinition> {
  const stored = {
    namespace: definition.namespace,
    namespace_description: definition.namespaceDescription,
    name: definition.name,
    description: definition.description,
    version: definition.version,
    digest: definition.digest,
    graph_id: newGraphId(),
    annotates: definition.annotate !== null,
    settings: settingsOf(definition),
    steps: graphRows(definition.steps),
  }
  const rows = await database.run(
    'register_definition',
    `select stored_id, is_conflict from ${database.schema}.register_definition($1::jsonb)`,
    [JSON.stringify(stored)],
  )
  const row = rows[0]
  return {
    definitionId: row?.['stored_id'] as DefinitionId, // the identity column of definitions
    isConflict: row?.['is_conflict'] === true,
  }
}

/**
 * The graphs of these definitions, as far as they are stored as they are here: as long as no task uses a version, another
 * process may store it anew, with other steps.
 */
export async function readGraphs(
  database: Database,
  definitions: ReadonlyMap<DefinitionId, TaskDefinition>,
): Promise<ReadonlyMap<DefinitionId, GraphId>> {
  const rows = await database.run(
    'read_graphs',
    `select d.definition_id, d.graph_id
     from ${database.schema}.definitions d
     join unnest($1::integer[], $2::text[]) as k(definition_id, digest) using (definition_id, digest)`,
    [[...definitions.keys()], [...definitions.values()].map(({ digest }) => digest)],
  )
  // The columns of definitions.
  return new Map(
    rows.map((row) => [row['definition_id'] as DefinitionId, row['graph_id'] as GraphId]),
  )
}

/** Steps as numbered rows: parents and children by number, in the order of declaration, from 1. */
export function graphRows(steps: readonly StepSettings[]): GraphStepRow[] {
  const numbers = new Map(steps.map((step, index) => [step.name, index + 1]))
  const numberOf = (name: string): number => numbers.get(name) ?? 0 // validated: every dependency is a step
  const children = new Map<number, number[]>(steps.map((_, index) => [index + 1, []]))
  const parentsOf = steps.map((step) =>
    [...new Set(step.dependsOn)].map(numberOf).toSorted((a, b) => a - b),
  )
  parentsOf.forEach((parents, index) => {
    for (const parent of parents) children.get(parent)?.push(index + 1)
  })
  return steps.map((step, index) => ({
    step_no: index + 1,
    name: step.name,
    handler: step.handler,
    parents: parentsOf[index] ?? [],
    children: children.get(index + 1) ?? [],
    retryable: step.retryable,
    retry_limit: step.retryable ? step.retryLimit : 1,
    skippable: step.skippable,
    priority: step.priority === null ? null : priorities[step.priority],
    timeout_ms: step.timeoutMs,
    dependent_system: step.dependentSystem,
    inputs: step.inputs,
  }))
}

// What readers of the database are shown of a definition, beside its graph. Handler configuration stays in the process, but for
// what may be shown of it.
function settingsOf(definition: TaskDefinition): JsonObject {
  return {
    context_schema: definition.contextSchema?.jsonSchema ?? null,
    priority: definition.priority,
    max_execution_ms: definition.maxExecutionMs,
    metadata: definition.metadata,
    steps: definition.steps.map((step) => ({
      name: step.name,
      description: step.description,
      transaction: step.transaction,
      custom_events: step.customEvents.map(({ name, description }) => ({ name, description })),
      configuration: shownConfiguration(step.handlerConfig),
    })),
  }
}
