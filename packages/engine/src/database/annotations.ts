// Annotations: searchable facts attached to a task. The same annotation stored again is stored once.
import { TaskerError } from '../errors.ts'
import type { Annotation } from '../definitions/model.ts'
import type { TaskId } from '../ids.ts'
import type { JsonObject } from '../json.ts'
import { toStorable } from '../storable.ts'
import type { Database, Row } from './connect.ts'

/** Largest annotation, in bytes of JSON: they are indexed for search. */
export const annotationBytesMax = 65_536

export async function storeAnnotations(
  database: Database,
  taskId: TaskId,
  annotations: readonly Annotation[],
  now: Date | null,
): Promise<void> {
  if (annotations.length === 0) return
  const texts = annotations.map(({ type, annotation }) => {
    const storable = toStorable(annotation, annotationBytesMax)
    if (storable.ok) return storable.text
    throw new TaskerError(
      'RESULT_NOT_STORABLE',
      `Annotation "${type}" of task ${taskId} was not stored: ${storable.fault}.`,
    )
  })
  // The task's row is locked, so that a prune passes by it, or is waited for: a hook may answer when its task is gone.
  // Digested as jsonb writes it: the same content in another order of its keys is the same annotation.
  await database.run(
    'store_annotations',
    `with task as materialized (
       select p.task_id from ${database.schema}.task_progress p where p.task_id = $1 for key share
     )
     insert into ${database.schema}.task_annotations (task_id, annotation_type, digest, annotation, created_at)
     select t.task_id, a.annotation_type, encode(sha256(convert_to(a.annotation::jsonb::text, 'UTF8')), 'hex'),
       a.annotation::jsonb, coalesce($4, statement_timestamp())
     from task t
     cross join unnest($2::text[], $3::text[]) as a(annotation_type, annotation)
     on conflict do nothing`,
    [taskId, annotations.map(({ type }) => type), texts, now],
  )
}

export interface StoredAnnotation {
  readonly type: string
  readonly annotation: JsonObject
  readonly createdAt: Date
}

/** Of each task, oldest first. */
export async function readAnnotations(
  database: Database,
  taskIds: readonly TaskId[],
  types: readonly string[] | null = null,
): Promise<ReadonlyMap<TaskId, readonly StoredAnnotation[]>> {
  const rows = await database.run(
    'read_annotations',
    `select task_id, annotation_type, annotation, created_at
     from ${database.schema}.task_annotations
     where task_id = any ($1) and ($2::text[] is null or annotation_type = any ($2))
     order by task_id, created_at, annotation_type, digest`,
    [taskIds, types],
  )
  const byTask = Map.groupBy(rows, (row) => row['task_id'] as TaskId)
  return new Map([...byTask].map(([taskId, ofTask]) => [taskId, ofTask.map(readAnnotation)]))
}

const readAnnotation = (row: Row): StoredAnnotation => ({
  type: row['annotation_type'] as string,
  annotation: row['annotation'] as JsonObject,
  createdAt: row['created_at'] as Date,
})

export interface AnnotationType {
  readonly type: string
  /** Where it is used, by name. */
  readonly namespaces: readonly string[]
}

/** Types that the newest tasks of each definition have: so many that a look at them costs the same whatever is kept. */
const lookedAtOfEach = 100

export async function readAnnotationTypes(
  database: Database,
  namespaces: readonly string[] | null,
): Promise<AnnotationType[]> {
  const { schema } = database
  const rows = await database.run(
    'read_annotation_types',
    `select a.annotation_type as type, array_agg(distinct n.name order by n.name) as namespaces
     from ${schema}.task_namespaces n
     join ${schema}.named_tasks nt on nt.namespace_id = n.namespace_id
     join ${schema}.definitions d on d.named_task_id = nt.named_task_id
     cross join lateral (
       select t.task_id from ${schema}.tasks t where t.definition_id = d.definition_id
       order by t.task_id desc
       limit ${lookedAtOfEach}
     ) t
     cross join lateral (
       select distinct a.annotation_type from ${schema}.task_annotations a where a.task_id = t.task_id
       offset 0 -- see finish_steps.sql
     ) a
     where $1::text[] is null or n.name = any ($1)
     group by a.annotation_type
     order by a.annotation_type`,
    [namespaces],
  )
  return rows.map((row) => ({
    type: row['type'] as string,
    namespaces: row['namespaces'] as readonly string[],
  }))
}
