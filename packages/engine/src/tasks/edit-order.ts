// What an edit of a task may say, as it comes in: checked whole, every fault named. What it does is sql/functions/edit_task.sql.
import { z } from 'zod'
import { annotationBytesMax } from '../database/annotations.ts'
import { isJsonObject } from '../definitions/json-value.ts'
import type { Json, JsonObject } from '../json.ts'
import { priorities } from '../states.ts'
import { toStorable } from '../storable.ts'
import { faultsOf, refuseInput, text, type InputKind } from './check-input.ts'
import {
  conditional,
  inputsMaxBytes,
  signed,
  type Condition,
  type Signature,
} from './operator-order.ts'
import { priorityOption, tagsOption, wordOption, type TaskOptions } from './request.ts'

/** At least one of the three; `reason` is that of the task. */
export interface TaskUpdate
  extends Pick<TaskOptions, 'tags' | 'priority' | 'reason'>, Pick<Signature, 'actor'>, Condition {
  /** Why it is changed, for the history: 1 to 2,000 characters. Default `update`. */
  readonly why?: string | undefined
}

/** At least one of the two. */
export interface StepUpdate extends Signature, Condition {
  /** Attempts in all, 1 to 32,767; not fewer than the step has spent. */
  readonly retryLimit?: number | undefined
  /** Settings of the step beside the context, as long as it has not started. Null: none. */
  readonly inputs?: Json | undefined
}

export interface NewAnnotation extends Signature, Condition {
  /** 1 to 64 characters. */
  readonly type: string
  /** At most 64 KiB of JSON. */
  readonly annotation: JsonObject
}

/** A checked edit. */
export interface EditOrder {
  /** JSON text for edit_task. */
  readonly edit: string
  readonly actor: string
  readonly reason: string
  readonly expectedRevision: number | null
}

const updateSchema = z.strictObject({
  actor: signed.actor,
  why: signed.reason,
  ...conditional,
  reason: wordOption.optional(),
  tags: tagsOption.optional(),
  priority: priorityOption.transform((name) => priorities[name]).optional(),
})

/** @throws {TaskerError} REQUEST_INVALID with every fault. */
export function readUpdate(given: unknown): EditOrder {
  const subject = 'The update of the task'
  const { actor, why, expectedRevision, ...edit } = read(
    updateSchema,
    given,
    subject,
    'an option of update',
  )
  if (Object.values(edit).every((value) => value === undefined))
    throw refuseInput(subject, [{ path: '(all of it)', message: 'changes nothing' }])
  return {
    edit: JSON.stringify(edit),
    actor,
    reason: why ?? 'update',
    expectedRevision: expectedRevision ?? null,
  }
}

const stepSchema = z.strictObject({
  ...signed,
  ...conditional,
  retryLimit: z.int().min(1).max(32_767).optional(),
  // Looked at where it is written: a check that calls itself at each level ends at some thousand of them.
  inputs: z.custom<Json>().optional(),
})

export interface StepOrder extends EditOrder {
  /** Null: it stays. */
  readonly retryLimit: number | null
  readonly hasInputs: boolean
}

/** @throws {TaskerError} REQUEST_INVALID with every fault. */
export function readStepUpdate(step: string, given: unknown): StepOrder {
  const subject = `The update of step "${step}"`
  const { actor, reason, expectedRevision, retryLimit, inputs } = read(
    stepSchema,
    given,
    subject,
    'an option of updateStep',
  )
  if (retryLimit === undefined && inputs === undefined)
    throw refuseInput(subject, [{ path: '(all of it)', message: 'changes nothing' }])
  return {
    edit: textOf(
      { step, inputs: inputs ?? null },
      { subject, path: 'inputs', bytesMax: inputsMaxBytes },
    ),
    actor,
    reason: reason ?? 'update_step',
    expectedRevision: expectedRevision ?? null,
    retryLimit: retryLimit ?? null,
    hasInputs: inputs !== undefined,
  }
}

const annotationSchema = z.strictObject({
  ...signed,
  ...conditional,
  type: text(64),
  annotation: z.custom<JsonObject>((value) => isJsonObject(value as Json), 'expected an object'), // asks before it looks
})

/** @throws {TaskerError} REQUEST_INVALID with every fault. */
export function readAnnotation(given: unknown): EditOrder {
  const subject = 'The annotation'
  const { actor, reason, expectedRevision, type, annotation } = read(
    annotationSchema,
    given,
    subject,
    'an option of annotate',
  )
  const content = textOf(annotation, { subject, path: 'annotation', bytesMax: annotationBytesMax })
  return {
    edit: `{"annotation":{"type":${JSON.stringify(type)},"annotation":${content}}}`,
    actor,
    reason: reason ?? 'annotate',
    expectedRevision: expectedRevision ?? null,
  }
}

function read<Schema extends z.ZodObject>(
  schema: Schema,
  given: unknown,
  subject: string,
  keyIs: string,
): z.output<Schema> {
  const kind: InputKind = { keyIs, knownKeys: Object.keys(schema.shape) }
  const reading = schema.safeParse(given)
  if (!reading.success) throw refuseInput(subject, faultsOf(reading.error, kind))
  return reading.data
}

function textOf(
  value: unknown,
  {
    subject,
    path,
    bytesMax,
  }: { readonly subject: string; readonly path: string; readonly bytesMax: number },
): string {
  const storable = toStorable(value, bytesMax)
  if (storable.ok) return storable.text
  throw refuseInput(subject, [{ path, message: `cannot be stored: ${storable.fault}` }])
}
