// Branded ids, so that the id of a task cannot be passed where a worker's is wanted.
// Level 0: imports nothing of ours.
import { v7 as uuidv7, validate } from 'uuid'

declare const brand: unique symbol

/** A task: UUID version 7, made by the application, ordered by creation time. */
export type TaskId = string & { readonly [brand]: 'TaskId' }
/** One claiming call of one worker: UUID version 7. Names its receipt, so a lost reply can be asked for again. */
export type CallId = string & { readonly [brand]: 'CallId' }
/** A stored, immutable graph: a definition's, or the task's own (then equal to the task id). */
export type GraphId = string & { readonly [brand]: 'GraphId' }
/** A stored definition version. Small integer; also the number of its lane in the due table. */
export type DefinitionId = number & { readonly [brand]: 'DefinitionId' }
/** A registered worker process. */
export type WorkerId = number & { readonly [brand]: 'WorkerId' }

export const newTaskId = (): TaskId => uuidv7() as TaskId
export const newCallId = (): CallId => uuidv7() as CallId
export const newGraphId = (): GraphId => uuidv7() as GraphId

/** When a task was created, by the clock of the process that did: the first 48 bits say it. */
export const createdMsOf = (taskId: string): number =>
  Number.parseInt(taskId.slice(0, 8) + taskId.slice(9, 13), 16)

/** Reads an id that came from outside. Null when it is not a UUID: the caller knows which error to raise. */
export function parseTaskId(value: string): TaskId | null {
  return validate(value) ? (value.toLowerCase() as TaskId) : null
}
