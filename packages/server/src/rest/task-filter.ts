// Which tasks a request is about: filters as they stand in a query or in a body, narrowed to what the caller may see.
import { taskStates, type JsonObject, type TaskSelection, type TaskState } from '@tasker/engine'
import { z } from 'zod'
import type { Access } from '../auth/access.ts'
import type { Scope } from '../auth/model.ts'
import { narrowed } from '../auth/narrowed.ts'
import {
  booleanText,
  jsonObject,
  listText,
  manyText,
  objectText,
  text,
  timestamp,
  timeText,
  uuid,
} from './schemas.ts'
import { priority } from './task-schemas.ts'

/** In a query, where everything is text. */
export const filterQuery = {
  status: listText(z.enum(taskStates)).optional(),
  namespace: manyText(256).optional().meta({ description: 'One of these.' }),
  name: text(256).optional(),
  version: text(256).optional(),
  priority: priority.optional(),
  initiator: text(128).optional(),
  source_system: text(128).optional(),
  tags: manyText(128)
    .optional()
    .meta({ description: 'All of these, each in a `tags` of its own.' }),
  held: booleanText.optional(),
  rerun_of: uuid.optional(),
  context_contains: objectText.optional().meta({
    description: 'Needs `tasker.task:show_payload`: who may not see a context may not guess it.',
  }),
  annotation_type: text(64).optional(),
  annotation_contains: objectText.optional().meta({
    description: 'With `annotation_type`. Needs `tasker.task:show_payload`.',
  }),
  created_from: timeText.optional(),
  created_before: timeText.optional(),
  ended_from: timeText.optional(),
  ended_before: timeText.optional(),
}

const time = timestamp.transform((value) => new Date(value))

/** In a body. */
export const filterBody = z
  .strictObject({
    status: z.array(z.enum(taskStates)).min(1).optional(),
    namespace: z.array(text(256)).min(1).max(50).optional(),
    name: text(256).optional(),
    version: text(256).optional(),
    priority: priority.optional(),
    initiator: text(128).optional(),
    source_system: text(128).optional(),
    tags: z.array(text(128)).max(50).optional(),
    held: z.boolean().optional(),
    rerun_of: uuid.optional(),
    context_contains: jsonObject.optional(),
    annotation_type: text(64).optional(),
    annotation_contains: jsonObject.optional(),
    created_from: time.optional(),
    created_before: time.optional(),
    ended_from: time.optional(),
    ended_before: time.optional(),
  })
  .refine(
    (filter) => Object.values(filter).some((value) => value !== undefined),
    'names no condition, so it would be every task there is: give one',
  )
  .meta({ id: 'TaskFilter', example: { namespace: ['payments'], status: ['error'] } })

export interface TaskFilter {
  readonly status?: readonly TaskState[] | undefined
  readonly namespace?: readonly string[] | undefined
  readonly name?: string | undefined
  readonly version?: string | undefined
  readonly priority?: TaskSelection['priority']
  readonly initiator?: string | undefined
  readonly source_system?: string | undefined
  readonly tags?: readonly string[] | undefined
  readonly held?: boolean | undefined
  readonly rerun_of?: string | undefined
  readonly context_contains?: JsonObject | undefined
  readonly annotation_type?: string | undefined
  readonly annotation_contains?: JsonObject | undefined
  readonly created_from?: Date | undefined
  readonly created_before?: Date | undefined
  readonly ended_from?: Date | undefined
  readonly ended_before?: Date | undefined
}

/** @throws {TaskerError} FORBIDDEN for a question about payloads by who may not see them */
export async function requireFilter(access: Access, filter: TaskFilter): Promise<void> {
  if (filter.context_contains !== undefined || filter.annotation_contains !== undefined)
    await access.require('tasker.task:show_payload')
}

/** Tasks that match and that the scope shows. */
export function selectionOf(filter: TaskFilter, scope: Scope | null): TaskSelection {
  const { annotation_type: type, annotation_contains: contains } = filter
  const selection: TaskSelection = {
    states: filter.status,
    namespaces: filter.namespace,
    name: filter.name,
    version: filter.version,
    priority: filter.priority,
    initiator: filter.initiator,
    sourceSystem: filter.source_system,
    tags: filter.tags,
    held: filter.held,
    rerunOf: filter.rerun_of,
    contextContains: filter.context_contains,
    annotation: type === undefined ? undefined : { type, contains: contains ?? {} },
    createdFrom: filter.created_from,
    createdBefore: filter.created_before,
    endedFrom: filter.ended_from,
    endedBefore: filter.ended_before,
  }
  return narrowed(selection, scope)
}
