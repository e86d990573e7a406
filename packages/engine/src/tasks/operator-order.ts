// What an operator may ask for: the actions, where each is legal, what cannot be undone, and the options of each, checked
// whole. What an action does to steps, children and counters is sql/functions/move_steps.sql and adjust_tasks.sql.
import { z } from 'zod'
import type { Json } from '../json.ts'
import { isEnded, type StepState, type TaskState } from '../states.ts'
import { toStorable } from '../storable.ts'
import { faultsOf, refuseInput, text, type InputKind } from './check-input.ts'

export const operatorActions = [
  'cancel',
  'retry',
  'retry_now',
  'wake',
  'resolve',
  'skip',
  'set_retry_limit',
  'hold',
  'resume',
] as const
export type OperatorAction = (typeof operatorActions)[number]

/** Who acts and why; both stand in the history. */
export interface Signature {
  /** 1 to 128 characters. Default `code`. */
  readonly actor?: string | undefined
  /** 1 to 2,000 characters. Default: the name of the action. */
  readonly reason?: string | undefined
}

/** What must still be so when the change is made. */
export interface Condition {
  /** `revision` of the task as it was read: when it has another by now, nothing is changed (REVISION_CONFLICT). */
  readonly expectedRevision?: number | undefined
}

export interface ActionOptions extends Signature, Condition {
  /** Names of steps, 1 to 1,000. Required to skip and to change the limit; left out elsewhere, the action is about the whole task. */
  readonly step?: string | readonly string[] | undefined
}

export interface RetryOptions extends ActionOptions {
  /** How many attempts each step gets beyond those it has spent, 1 to 1,000. Default 1. The limit is raised, never lowered. */
  readonly attempts?: number | undefined
}

export interface ResolveOptions extends ActionOptions {
  /** What the steps are taken to have returned: any JSON value. Their children get it. Default null. */
  readonly result?: unknown
}

export interface RetryLimitOptions extends ActionOptions {
  readonly step: string | readonly string[]
  /** Attempts in all, 1 to 32,767; not fewer than the step has spent. */
  readonly limit: number
}

/** One action with what it needs, checked. */
export interface OperatorOrder {
  readonly action: OperatorAction
  /** Null: the whole task. */
  readonly steps: readonly string[] | null
  /** JSON text. */
  readonly result: string
  readonly moreAttempts: number
  readonly limit: number | null
  readonly expectedRevision: number | null
  readonly actor: string
  readonly reason: string
}

/** States of a task in which the action may find something to do; of the whole task, and of its steps. */
const tasksIn: Readonly<
  Record<
    OperatorAction,
    { readonly whole: readonly TaskState[]; readonly steps: readonly TaskState[] }
  >
> = {
  cancel: {
    whole: ['pending', 'in_progress', 'error'],
    steps: ['pending', 'in_progress', 'error'],
  },
  retry: { whole: ['in_progress', 'error'], steps: ['in_progress', 'error'] },
  retry_now: { whole: ['in_progress'], steps: ['in_progress'] },
  wake: { whole: ['pending', 'in_progress'], steps: ['pending', 'in_progress'] },
  resolve: { whole: ['error'], steps: ['pending', 'in_progress', 'error'] },
  skip: { whole: [], steps: ['pending', 'in_progress', 'error'] },
  set_retry_limit: { whole: [], steps: ['pending', 'in_progress', 'error'] },
  hold: { whole: ['pending', 'in_progress'], steps: [] },
  resume: { whole: ['pending', 'in_progress', 'error'], steps: [] },
}

/** The states to look through when an action is for all tasks that match a filter. */
export const statesFor = ({ action, steps }: OperatorOrder): readonly TaskState[] =>
  tasksIn[action][steps === null ? 'whole' : 'steps']

/** What may be done with a whole task in this state. `rerun`: do part of it again as a new task. */
export const movesOfTask = (state: TaskState): readonly (OperatorAction | 'rerun')[] => [
  ...operatorActions.filter((action) => tasksIn[action].whole.includes(state)),
  ...(isEnded(state) ? (['rerun'] as const) : []),
]

/** What may be done with a step. `isScheduled`: it stands in the due table, for now or for later. */
export function movesOfStep(
  state: StepState,
  { taskState, isScheduled }: { readonly taskState: TaskState; readonly isScheduled: boolean },
): readonly (OperatorAction | 'rerun')[] {
  const isOver = !tasksIn.skip.steps.includes(taskState)
  if (isOver) return ['rerun']
  switch (state) {
    case 'error':
      return [isScheduled ? 'retry_now' : 'retry', 'resolve', 'skip', 'cancel', 'set_retry_limit']
    case 'pending':
      return [
        ...(isScheduled ? (['wake'] as const) : []),
        'resolve',
        'skip',
        'cancel',
        'set_retry_limit',
      ]
    case 'in_progress':
      return ['resolve', 'skip', 'cancel', 'set_retry_limit']
    case 'complete':
    case 'cancelled':
    case 'resolved_manually':
    case 'skipped':
      return [] // never left; once the task has ended, a rerun does it again
    default:
      return state satisfies never
  }
}

/** How an action is taken back, for people. */
export function undoNote(action: OperatorAction | 'rerun', steps: readonly string[]): string {
  const isPlain = steps.every((name) => /^[\w.:-]+$/.test(name))
  const from = isPlain ? steps.map((name) => ` --from ${name}`).join('') : ' --from <step>'
  switch (action) {
    case 'cancel':
      return 'A cancel cannot be undone; once the task has ended, `tasker task rerun` does the rest as a new task.'
    case 'retry':
      return 'A retry cannot be undone; cancel the step or the task to stop it.'
    case 'retry_now':
    case 'wake':
      return 'An attempt that has begun is not taken back; hold the task before it is claimed.'
    case 'resolve':
    case 'skip':
      return steps.length === 0
        ? 'A resolved task stays so; `tasker task rerun` does what was not satisfied as a new task.'
        : `A ${action === 'skip' ? 'skipped' : 'resolved'} step stays so; once the task has ended, \`tasker task rerun${from}\` runs it in a new task.`
    case 'set_retry_limit':
      return 'Set the limit back; the history has the old one.'
    case 'hold':
      return '`tasker task resume` lets it run again.'
    case 'resume':
      return '`tasker task hold` holds it again.'
    case 'rerun':
      return 'Cancel the new task; the old one was not changed.'
    default:
      return action satisfies never
  }
}

const names = z.union([
  text(256).transform((name): readonly string[] => [name]),
  z.array(text(256)).min(1).max(1000).readonly(),
])

/** What stands in the history as done by no person. */
const reservedActor = /^(worker:|rescue by |tasker$)/

/** The keys of every change that is signed. */
export const signed = {
  actor: text(128)
    .refine((name) => !reservedActor.test(name), 'is how Tasker and its workers sign')
    .default('code'),
  reason: text(2000)
    .refine(
      (words) => words !== 'outcome_refused',
      'is what Tasker writes for an outcome that came too late',
    )
    .optional(),
}

export const conditional = { expectedRevision: z.int().min(0).optional() }

/** The keys beside these are the action's own. */
const always = { ...signed, ...conditional }

/** What every schema yields, some of it. */
interface ReadOptions extends Condition {
  readonly actor: string
  readonly reason?: string | undefined
  readonly step?: readonly string[] | undefined
  readonly attempts?: number | undefined
  readonly result?: unknown
  readonly limit?: number | undefined
}

const schemas = {
  cancel: z.strictObject({ ...always, step: names.optional() }),
  retry: z.strictObject({
    ...always,
    step: names.optional(),
    attempts: z.int().min(1).max(1000).optional(),
  }),
  retry_now: z.strictObject({ ...always, step: names.optional() }),
  wake: z.strictObject({ ...always, step: names.optional() }),
  resolve: z.strictObject({ ...always, step: names.optional(), result: z.unknown().optional() }),
  skip: z.strictObject({ ...always, step: names }),
  set_retry_limit: z.strictObject({
    ...always,
    step: names,
    limit: z.int().min(1).max(32_767),
  }),
  hold: z.strictObject(always),
  resume: z.strictObject(always),
} satisfies Readonly<Record<OperatorAction, z.ZodObject>>

/** @throws {TaskerError} REQUEST_INVALID with every fault. */
export function readOrder(
  action: OperatorAction,
  given: unknown,
  limits: { readonly resultMaxBytes: number },
): OperatorOrder {
  const schema: z.ZodType<ReadOptions> = schemas[action]
  const subject = `The request for ${action}`
  const kind: InputKind = {
    keyIs: `an option of ${action}`,
    knownKeys: Object.keys(schemas[action].shape),
  }
  const reading = schema.safeParse(given)
  if (!reading.success) throw refuseInput(subject, faultsOf(reading.error, kind))
  const read = reading.data
  const { step: steps = null, result } = read
  const storable = toStorable(result ?? null, limits.resultMaxBytes)
  const fault = !storable.ok
    ? `cannot be stored: ${storable.fault}${storable.isTooLarge ? ' (execution.resultMaxBytes)' : ''}`
    : steps === null && result !== undefined
      ? 'is that of a step: name the step, or leave the result out to resolve the whole task'
      : null
  if (fault !== null || !storable.ok)
    throw refuseInput(subject, [{ path: 'result', message: fault ?? '' }])
  return {
    action,
    steps: steps === null ? null : [...new Set(steps)],
    result: storable.text,
    moreAttempts: read.attempts ?? 1,
    limit: read.limit ?? null,
    expectedRevision: read.expectedRevision ?? null,
    actor: read.actor,
    reason: read.reason ?? action,
  }
}

/** @throws {TaskerError} REQUEST_INVALID with every fault. */
export function readSignature(
  given: unknown,
  action: 'hold' | 'resume',
): { readonly actor: string; readonly reason: string } {
  const { actor, reason } = readOrder(action, given, { resultMaxBytes: inputsMaxBytes })
  return { actor, reason }
}

export interface RerunOptions extends Signature {
  /** Steps to do again, with all that depends on them. Left out: only what was not satisfied. */
  readonly from?: string | readonly string[] | undefined
  /** A new context, checked by the definition. Left out: that of the old task. Results taken over were made with the old one. */
  readonly context?: unknown
  /** New inputs by step; these steps are done again too. */
  readonly inputs?: Readonly<Record<string, Json>> | undefined
  /** Answer what would run, and create nothing. Default false. */
  readonly dryRun?: boolean | undefined
}

export interface RerunOrder {
  readonly from: readonly string[]
  readonly inputs: Readonly<Record<string, Json>>
  readonly context: unknown
  readonly isDryRun: boolean
  readonly actor: string
  readonly reason: string
}

const rerunSchema = z.strictObject({
  ...signed,
  from: names.optional(),
  context: z.unknown().optional(),
  // Looked at where they are written, however deep they are.
  inputs: z.record(text(256), z.custom<Json>()).default({}),
  dryRun: z.boolean().default(false),
})

/** @throws {TaskerError} REQUEST_INVALID with every fault. */
export function readRerun(given: unknown): RerunOrder {
  const kind: InputKind = {
    keyIs: 'an option of rerun',
    knownKeys: Object.keys(rerunSchema.shape),
  }
  const reading = rerunSchema.safeParse(given)
  if (!reading.success) throw refuseInput('The request for a rerun', faultsOf(reading.error, kind))
  const { from, inputs, context, dryRun, actor, reason } = reading.data
  // The reading leaves this one key out without a word.
  if (Object.hasOwn((given as RerunOptions).inputs ?? {}, '__proto__')) {
    const message = 'is not the name of a step'
    throw refuseInput('The request for a rerun', [{ path: 'inputs.__proto__', message }])
  }
  const storable = toStorable(inputs, inputsMaxBytes)
  if (!storable.ok) {
    const message = `cannot be stored: ${storable.fault}`
    throw refuseInput('The request for a rerun', [{ path: 'inputs', message }])
  }
  return { from: from ?? [], inputs, context, isDryRun: dryRun, actor, reason: reason ?? 'rerun' }
}

/** Inputs are settings, not data. */
export const inputsMaxBytes = 1_048_576
