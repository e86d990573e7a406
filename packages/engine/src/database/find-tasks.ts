// Tasks by filter, a page at a time or counted up to a cap. Conditions that an index answers choose candidates; the others
// look at candidates, at so many and no more, so that a page costs the same in a table of any size.
import type { DefinitionId, TaskId } from '../ids.ts'
import type { JsonObject } from '../json.ts'
import { isEnded, type TaskState } from '../states.ts'
import type { Database } from './connect.ts'
import { holdable, readTaskRow, taskColumns, type TaskRow } from './read-tasks.ts'

/** Every given condition must hold. */
export interface TaskConditions {
  readonly states?: readonly TaskState[] | undefined
  readonly namespace?: string | undefined
  /** Only these; none of them: nothing. Beside `namespace`, what a caller may see at all. */
  readonly namespaces?: readonly string[] | undefined
  readonly name?: string | undefined
  readonly version?: string | undefined
  readonly priority?: number | undefined
  /** All of these tags. */
  readonly tags?: readonly string[] | undefined
  readonly initiator?: string | undefined
  readonly sourceSystem?: string | undefined
  /** Held by an operator, or not. */
  readonly held?: boolean | undefined
  /** Reruns of this task. */
  readonly rerunOf?: TaskId | undefined
  readonly createdFrom?: Date | undefined
  readonly createdBefore?: Date | undefined
  readonly endedFrom?: Date | undefined
  readonly endedBefore?: Date | undefined
  /** Tasks whose context contains this object, as jsonb's `@>` sees it. */
  readonly contextContains?: JsonObject | undefined
  /** Tasks with an annotation of this type that contains this object. */
  readonly annotation?: { readonly type: string; readonly contains: JsonObject } | undefined
}

export type TaskOrder = 'newest_first' | 'oldest_first'

export interface TaskPlace {
  readonly order?: TaskOrder | undefined
  /** The last task of the page before; pages are by key, so they never shift. */
  readonly after?: TaskId | undefined
  readonly limit: number
}

/** Candidates that one page looks at, when there are conditions that no index answers. */
const lookedAtMax = 10_000
/** Each definition is looked through by itself: of many, at least so many of each. */
const lookedAtOfEachMin = 1_000

export interface FoundTasks {
  readonly tasks: readonly TaskRow[]
  /** Where the next page begins; null: this is the last. A page that ends where looking ended may be short, or empty. */
  readonly next: TaskId | null
}

export async function findTasks(
  database: Database,
  conditions: TaskConditions,
  place: TaskPlace,
): Promise<FoundTasks> {
  const found = await selection(database, conditions, { ...place, limit: place.limit + 1 })
  if (found === null) return { tasks: [], next: null }
  const { schema } = database
  const rows = await database.run(
    'find_tasks',
    `${found.text}
     select ${taskColumns}, e.looked_until
     from ended_at e
     left join (
       found t
       cross join lateral (
         select p.held, p.seq from ${schema}.task_progress p where p.task_id = t.task_id
         offset 0 -- see finish_steps.sql
       ) p
       join ${schema}.definitions d on d.definition_id = t.definition_id
       join ${schema}.named_tasks nt on nt.named_task_id = d.named_task_id
       join ${schema}.task_namespaces n on n.namespace_id = nt.namespace_id
     ) on true
     order by t.task_id ${found.direction}`,
    found.values,
    { isPrepared: false }, // the text depends on which conditions were given
  )
  const read = rows.filter((row) => row['task_id'] !== null).map(readTaskRow)
  const tasks = read.slice(0, place.limit)
  const next = read.length > place.limit ? tasks.at(-1)?.taskId : rows[0]?.['looked_until']
  return { tasks, next: (next ?? null) as TaskId | null } // a task_id
}

/** How many there are, as far as `cap`. `isCapped`: there are more, or may be, where looking ended. */
export async function countTasks(
  database: Database,
  conditions: TaskConditions,
  cap: number,
): Promise<{ readonly count: number; readonly isCapped: boolean }> {
  const found = await selection(database, conditions, { limit: cap + 1 })
  if (found === null) return { count: 0, isCapped: false }
  const [row] = await database.run(
    'count_tasks',
    `${found.text}
     select (select count(*)::integer from found) as count, e.looked_until is not null as is_cut from ended_at e`,
    found.values,
    { isPrepared: false },
  )
  const count = row?.['count'] as number // one row, whatever was found
  return { count: Math.min(count, cap), isCapped: count > cap || row?.['is_cut'] === true }
}

/** Two tables for a statement: `found`, the tasks; and one row `ended_at`, which says where looking ended before the tasks did. */
interface Selection {
  readonly text: string
  readonly values: readonly unknown[]
  readonly direction: 'asc' | 'desc'
}

/** Null: nothing can be found. */
async function selection(
  database: Database,
  conditions: TaskConditions,
  place: TaskPlace,
): Promise<Selection | null> {
  const definitionIds = await readScope(database, conditions)
  if (definitionIds?.length === 0 || conditions.states?.length === 0) return null
  const values: unknown[] = []
  const bind: Bind = (value) => `$${values.push(value)}`
  const direction = place.order === 'oldest_first' ? 'asc' : 'desc'
  const beyond = direction === 'asc' ? '>' : '<'
  const indexed = indexedConditions(database, conditions, bind)
  if (place.after !== undefined) indexed.push(`t.task_id ${beyond} ${bind(place.after)}`)
  const looked = lookedConditions(database, conditions, bind)
  const most =
    looked.length === 0
      ? place.limit
      : Math.max(lookedAtOfEachMin, Math.floor(lookedAtMax / (definitionIds?.length ?? 1)))
  const mostAt = bind(most)
  const candidates = probesOf(conditions, definitionIds, bind)
    .map(
      ({ from, condition }) =>
        `(select k.* from ${from} (
           select t.* from ${database.schema}.tasks t ${whereOf([...condition, ...indexed])}
           order by t.task_id ${direction} limit ${mostAt}
         ) k)`,
    )
    .join(' union all ')
  const looking = `select c.* from (${candidates}) c order by c.task_id ${direction} limit ${mostAt}`
  const limitAt = bind(place.limit)
  const lookedUntil =
    looked.length === 0
      ? 'null::uuid'
      : `case when (select count(*) from found) < ${limitAt}
           then (select l.task_id from (${looking}) l order by l.task_id ${direction} offset ${mostAt} - 1 limit 1) end`
  return {
    values,
    direction,
    text: `with found as materialized (
       select t.* from (${looking}) t ${whereOf(looked)} order by t.task_id ${direction} limit ${limitAt}
     ),
     ended_at as (select ${lookedUntil} as looked_until)`,
  }
}

/** The place of a value in the statement. */
type Bind = (value: unknown) => string

const whereOf = (conditions: readonly string[]): string =>
  conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`

/** The definitions that the names mean, which are few; null: all. */
async function readScope(
  database: Database,
  { namespace, namespaces, name, version }: TaskConditions,
): Promise<readonly DefinitionId[] | null> {
  if ([namespace, namespaces, name, version].every((value) => value === undefined)) return null
  const { schema } = database
  const rows = await database.run(
    'read_scope',
    `select d.definition_id
     from ${schema}.definitions d
     join ${schema}.named_tasks nt on nt.named_task_id = d.named_task_id
     join ${schema}.task_namespaces n on n.namespace_id = nt.namespace_id
     where ($1::text is null or n.name = $1)
       and ($2::text[] is null or n.name = any ($2))
       and ($3::text is null or nt.name = $3)
       and ($4::text is null or d.version = $4)`,
    [namespace ?? null, namespaces ?? null, name ?? null, version ?? null],
  )
  return rows.map((row) => row['definition_id'] as DefinitionId) // the identity column
}

/** One walk of an index each: what it begins with, and the condition that chooses the index. */
function probesOf(
  { states }: TaskConditions,
  definitionIds: readonly DefinitionId[] | null,
  bind: Bind,
): readonly { readonly from: string; readonly condition: readonly string[] }[] {
  if (definitionIds !== null) {
    const condition = ['t.definition_id = s.definition_id']
    if (states !== undefined)
      condition.push(`${stateColumnFor(states)} = any (${bind(states)}::text[])`)
    const from = `unnest(${bind(definitionIds)}::integer[]) s(definition_id) cross join lateral`
    return [{ from, condition }]
  }
  if (states === undefined) return [{ from: '', condition: [] }]
  // The end of a task stands in an index; of the open ones, which are few, all are looked at.
  const [ended, open] = [states.filter(isEnded), states.filter((state) => !isEnded(state))]
  return [
    ...(ended.length > 0
      ? [
          {
            from: `unnest(${bind([...new Set(ended)])}::text[]) s(state) cross join lateral`,
            condition: ['t.end_state = s.state'],
          },
        ]
      : []),
    ...(open.length > 0
      ? [
          {
            from: '',
            condition: ['t.ended_at is null', `t.state = any (${bind(open)}::text[])`],
          },
        ]
      : []),
  ]
}

function stateColumnFor(states: readonly TaskState[]): string {
  if (states.every(isEnded)) return 't.end_state'
  return states.some(isEnded) ? 't.state' : 't.ended_at is null and t.state'
}

function indexedConditions(
  { schema }: Database,
  { tags, rerunOf, annotation }: TaskConditions,
  bind: Bind,
): string[] {
  const conditions: string[] = []
  if (tags !== undefined) conditions.push(`t.tags @> ${bind(tags)}::text[] and t.tags <> '{}'`)
  if (rerunOf !== undefined) conditions.push(`t.rerun_of = ${bind(rerunOf)}`)
  if (annotation !== undefined) {
    conditions.push(`exists (
      select 1 from ${schema}.task_annotations a
      where a.task_id = t.task_id and a.annotation_type = ${bind(annotation.type)}
        and a.annotation @> ${bind(JSON.stringify(annotation.contains))}::jsonb)`)
  }
  return conditions
}

function lookedConditions(
  { schema }: Database,
  conditions: TaskConditions,
  bind: Bind,
): readonly string[] {
  const { held, contextContains } = conditions
  const compared: readonly (readonly [string, unknown])[] = [
    ['t.priority =', conditions.priority],
    ['t.initiator =', conditions.initiator],
    ['t.source_system =', conditions.sourceSystem],
    ['t.created_at >=', conditions.createdFrom],
    ['t.created_at <', conditions.createdBefore],
    ['t.ended_at >=', conditions.endedFrom],
    ['t.ended_at <', conditions.endedBefore],
  ]
  const looked = compared
    .filter(([, value]) => value !== undefined)
    .map(([column, value]) => `${column} ${bind(value)}`)
  if (held !== undefined) {
    looked.push(`(${holdable} and (select p.held from ${schema}.task_progress p where p.task_id = t.task_id))
      = ${bind(held)}`)
  }
  if (contextContains !== undefined) {
    looked.push(`(select c.context @> ${bind(JSON.stringify(contextContains))}::jsonb
      from ${schema}.task_contexts c where c.task_id = t.task_id)`)
  }
  return looked
}
