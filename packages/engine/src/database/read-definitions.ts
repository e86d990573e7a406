// Reads of stored definitions: every version with what is in flight of it and who serves it, and one version with its graph.
import type { DefinitionContent, StepContent } from '../definitions/definition-content.ts'
import { isJsonObject } from '../definitions/json-value.ts'
import type { DefinitionId } from '../ids.ts'
import type { Json, JsonObject } from '../json.ts'
import { priorities, type Priority } from '../states.ts'
import type { Database, Row } from './connect.ts'
import { isLive } from './read-workers.ts'

export interface DefinitionVersionRow {
  readonly definitionId: DefinitionId
  readonly namespace: string
  readonly name: string
  readonly version: string
  readonly digest: string
  readonly createdAt: Date
  /** Of its name: all versions have one. */
  readonly description: string
  /** When the newest of its tasks was created; null: it has none, or none any more. */
  readonly lastUsedAt: Date | null
  /** Its namespace is held. */
  readonly isHeld: boolean
  readonly pendingTasks: number
  readonly inProgressTasks: number
  /** Of those in flight, tasks that an operator holds. */
  readonly heldTasks: number
  /** Steps that may be claimed now. */
  readonly dueSteps: number
  /** Steps that are tried again, or run, at a time to come. */
  readonly laterSteps: number
  readonly liveWorkers: number
}

/**
 * Every stored version, in no order; of these namespaces, if they are given. Costs what is in flight: tasks_open_idx leads to open tasks only, and the due table
 * holds only steps that wait.
 */
export async function readDefinitionVersions(
  database: Database,
  at: Date | null,
  namespaces: readonly string[] | null = null,
): Promise<{ readonly at: Date; readonly versions: DefinitionVersionRow[] }> {
  const { schema } = database
  const rows = await database.run(
    'read_definition_versions',
    `with instant as (select coalesce($1::timestamptz, statement_timestamp()) as at),
     open as (
       select t.definition_id, count(*) filter (where t.state = 'pending') as pending,
         count(*) filter (where t.state = 'in_progress') as in_progress, count(*) filter (where p.held) as held
       from ${schema}.tasks t
       cross join lateral (
         select p.held from ${schema}.task_progress p where p.task_id = t.task_id
         offset 0 -- see finish_steps.sql
       ) p
       where t.ended_at is null
       group by t.definition_id
     ),
     waiting as (
       -- The lane of suspects is the negative of the definition's; lane 0 holds the steps of held tasks.
       select abs(d.lane) as definition_id, count(*) filter (where d.run_at <= i.at) as due,
         count(*) filter (where d.run_at > i.at) as later
       from ${schema}.due d
       cross join instant i
       where d.lane <> 0
       group by abs(d.lane)
     ),
     serving as (
       select s.definition_id, count(*) as workers
       from ${schema}.workers w
       cross join lateral unnest(w.serves) as s(definition_id)
       where ${isLive('w', '$1')}
       group by s.definition_id
     )
     select i.at, d.definition_id, n.name as namespace, nt.name, d.version, d.digest, d.created_at, d.held as is_held,
       nt.description, u.created_at as last_used_at,
       coalesce(o.pending, 0)::integer as pending, coalesce(o.in_progress, 0)::integer as in_progress,
       coalesce(o.held, 0)::integer as held, coalesce(q.due, 0)::integer as due, coalesce(q.later, 0)::integer as later,
       coalesce(s.workers, 0)::integer as workers
     from instant i
     left join (
       ${schema}.definitions d
       join ${schema}.named_tasks nt on nt.named_task_id = d.named_task_id
       join ${schema}.task_namespaces n on n.namespace_id = nt.namespace_id
     ) on $2::text[] is null or n.name = any ($2)
     left join open o on o.definition_id = d.definition_id
     left join waiting q on q.definition_id = d.definition_id
     left join serving s on s.definition_id = d.definition_id
     left join lateral (
       select t.created_at from ${schema}.tasks t where t.definition_id = d.definition_id
       order by t.task_id desc
       limit 1
     ) u on true`,
    [at, namespaces],
  )
  return {
    at: rows[0]?.['at'] as Date, // one row at least: the instant is joined to nothing when nothing is stored
    versions: rows.filter((row) => row['definition_id'] !== null).map(readVersionRow),
  }
}

// Casts: the columns named above, with the types and checks of sql/migrations.
const readVersionRow = (row: Row): DefinitionVersionRow => ({
  definitionId: row['definition_id'] as DefinitionId,
  namespace: row['namespace'] as string,
  name: row['name'] as string,
  version: row['version'] as string,
  digest: row['digest'] as string,
  createdAt: row['created_at'] as Date,
  description: row['description'] as string,
  lastUsedAt: row['last_used_at'] as Date | null,
  isHeld: row['is_held'] === true,
  pendingTasks: row['pending'] as number,
  inProgressTasks: row['in_progress'] as number,
  heldTasks: row['held'] as number,
  dueSteps: row['due'] as number,
  laterSteps: row['later'] as number,
  liveWorkers: row['workers'] as number,
})

/** The digest and the description change when it is stored anew; nothing else of it does. */
export type VersionRow = Pick<
  DefinitionVersionRow,
  'definitionId' | 'version' | 'digest' | 'description'
>

/** The versions of one name that are stored. */
export async function readVersionsOf(
  database: Database,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): Promise<VersionRow[]> {
  const { schema } = database
  const rows = await database.run(
    'read_versions_of',
    `select d.definition_id, d.version, d.digest, nt.description
     from ${schema}.task_namespaces n
     join ${schema}.named_tasks nt on nt.namespace_id = n.namespace_id and nt.name = $2
     join ${schema}.definitions d on d.named_task_id = nt.named_task_id
     where n.name = $1`,
    [namespace, name],
  )
  return rows.map((row) => ({
    definitionId: row['definition_id'] as DefinitionId,
    version: row['version'] as string,
    digest: row['digest'] as string,
    description: row['description'] as string,
  }))
}

/** A stored version: as it is compared with another, and what only the database says of it. */
export interface StoredContent extends DefinitionContent {
  readonly digest: string
  readonly createdAt: Date
  /** Of its name: all versions have one. */
  readonly nameDescription: string
  readonly steps: readonly StoredStepContent[]
}

export interface StoredStepContent extends StepContent {
  /** What may be shown of the handler's configuration. Null: it has none, or was stored before this was kept. */
  readonly configuration: JsonObject | null
}

/** Null when there is none. */
export async function readDefinitionContent(
  database: Database,
  definitionId: DefinitionId,
): Promise<StoredContent | null> {
  const { schema } = database
  const rows = await database.run(
    'read_definition_content',
    `select n.name as namespace, nt.name, nt.description, d.version, d.digest, d.created_at, d.settings, d.annotates,
       (select jsonb_agg(to_jsonb(g) order by g.step_no) from ${schema}.graph_steps g where g.graph_id = d.graph_id) as steps
     from ${schema}.definitions d
     join ${schema}.named_tasks nt on nt.named_task_id = d.named_task_id
     join ${schema}.task_namespaces n on n.namespace_id = nt.namespace_id
     where d.definition_id = $1`,
    [definitionId],
  )
  const row = rows[0]
  if (row === undefined) return null
  const settings = row['settings'] as JsonObject // written by storeDefinition
  return {
    namespace: row['namespace'] as string,
    name: row['name'] as string,
    version: row['version'] as string,
    digest: row['digest'] as string,
    createdAt: row['created_at'] as Date,
    nameDescription: row['description'] as string,
    priority: settings['priority'] as Priority,
    maxExecutionMs: settings['max_execution_ms'] as number | null,
    metadata: objectOf(settings['metadata']),
    contextSchema:
      settings['context_schema'] === null ? null : objectOf(settings['context_schema']),
    annotates: row['annotates'] === true,
    // Both written by storeDefinition, in these forms.
    steps: readContentSteps(
      row['steps'] as StoredStep[],
      (settings['steps'] ?? []) as unknown as readonly StoredStepSettings[],
    ),
  }
}

/** A row of graph_steps as JSON. */
interface StoredStep {
  readonly step_no: number
  readonly name: string
  readonly handler: string
  readonly parents: readonly number[]
  readonly retryable: boolean
  readonly retry_limit: number
  readonly skippable: boolean
  readonly priority: number | null
  readonly timeout_ms: number | null
  readonly dependent_system: string
  readonly inputs: Json
}

/** The part of `definitions.settings` about one step. */
interface StoredStepSettings {
  readonly name: string
  readonly description: string
  readonly transaction: boolean
  readonly custom_events: readonly { readonly name: string }[]
  readonly configuration?: JsonObject | null
}

function readContentSteps(
  steps: readonly StoredStep[],
  settings: readonly StoredStepSettings[],
): readonly StoredStepContent[] {
  const nameOf = new Map(steps.map((step) => [step.step_no, step.name]))
  const settingsOf = new Map(settings.map((step) => [step.name, step]))
  return steps.map((step) => {
    const own = settingsOf.get(step.name)
    return {
      name: step.name,
      description: own?.description ?? '',
      dependsOn: step.parents.flatMap((stepNo) => nameOf.get(stepNo) ?? []),
      handler: step.handler,
      dependentSystem: step.dependent_system,
      retryable: step.retryable,
      retryLimit: step.retry_limit,
      skippable: step.skippable,
      timeoutMs: step.timeout_ms,
      priority: priorityOf(step.priority),
      transaction: own?.transaction === true,
      customEvents: own?.custom_events.map(({ name }) => name) ?? [],
      inputs: step.inputs,
      configuration: own?.configuration ?? null,
    }
  })
}

function priorityOf(stored: number | null): Priority | null {
  const names = Object.keys(priorities) as Priority[] // the keys of the table
  return names.find((name) => priorities[name] === stored) ?? null
}

const objectOf = (value: Json | undefined): JsonObject =>
  value !== undefined && isJsonObject(value) ? value : {}
