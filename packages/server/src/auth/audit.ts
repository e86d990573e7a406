// The audit log of the server: every attempt to change something is written down with its actor, before it is made, and
// completed by what became of it. REST does it in its pipeline (operation.ts); GraphQL around each of its mutations.
import {
  TaskerError,
  type AuditedAttempt,
  type AuditOutcome,
  type ErrorCode,
  type JsonObject,
  type Tasker,
} from '@tasker/engine'
import { statusOf } from '../problem.ts'
import type { Access, Addressed } from './access.ts'
import type { Permission } from './permissions.ts'

/** What is about to be changed, by whom and why; never a context, a result or a secret. */
export interface AuditedMutation extends Addressed {
  /** Of the REST interface, whatever the transport: `cancelTask`. */
  readonly operation: string
  readonly permission: Permission | null
  /** What else says which things are meant: the filter of a bulk action. */
  readonly addressed?: JsonObject
  readonly reason?: string | null | undefined
}

/** What is known only afterwards. */
export interface AuditNote {
  /** The task that was made. */
  readonly taskId?: string
  /** How many a bulk action changed, and the like. */
  readonly detail?: JsonObject
}

/** A REST call is one, and so is any context that holds both. */
export interface AuditedCall {
  readonly tasker: Tasker
  readonly access: Access
}

/**
 * Requires the permission, writes the attempt down, makes it, and writes down what became of it. The log comes first: what
 * cannot be written down is not done. `note` adds what only the act knows.
 * @throws {TaskerError} FORBIDDEN, TASK_NOT_FOUND, and whatever `act` throws
 */
export async function recordAudit<Result>(
  call: AuditedCall,
  mutation: AuditedMutation,
  act: (note: (noted: AuditNote) => void) => Promise<Result>,
): Promise<Result> {
  await requireAudited(call, mutation)
  const attempt = attemptOf(call, mutation)
  const change = await call.tasker.audit.begin(attempt)
  let noted: AuditNote = {}
  const end = async (code: ErrorCode | null): Promise<void> => {
    const outcome = outcomeOf(code)
    await kept(call, attempt, () => change.end({ ...noted, outcome, code }))
    tell(call, { ...attempt, taskId: noted.taskId ?? attempt.taskId ?? null }, { outcome, code })
  }
  try {
    const result = await act((more) => {
      noted = { ...noted, ...more }
    })
    await end(null)
    return result
  } catch (error) {
    await end(codeOf(error))
    throw error
  }
}

/** The check alone, for who makes it before the rest is known; one that is denied is written down. */
export async function requireAudited(call: AuditedCall, mutation: AuditedMutation): Promise<void> {
  if (mutation.permission === null) return
  try {
    await call.access.require(mutation.permission, mutation)
  } catch (error) {
    const code = codeOf(error)
    const outcome = statusOf(code) >= 500 ? 'failed' : 'denied' // a hidden task is denied, though it is "not found"
    const attempt = attemptOf(call, mutation)
    await kept(call, attempt, () => call.tasker.audit.record(attempt, { outcome, code }))
    tell(call, attempt, { outcome, code })
    throw error
  }
}

function attemptOf({ access }: AuditedCall, mutation: AuditedMutation): AuditedAttempt {
  const { operation, permission, taskId = null, step = null, namespace = null } = mutation
  const { transport, correlationId, address } = access.origin
  return {
    actor: access.actor,
    operation,
    permission,
    transport,
    taskId: taskId === null ? null : cut(taskId),
    steps: step === null ? null : [cut(step)],
    namespace: namespace === null ? null : cut(namespace),
    addressed: bounded(mutation.addressed ?? {}),
    reason: cut(mutation.reason ?? '') || null,
    correlationId,
    address,
  }
}

/** No name is as long, and whoever may do nothing may still fill the log. */
const textMaxLength = 2_000
const addressedMaxLength = 8_000

const cut = (text: string): string => text.slice(0, textMaxLength)

/** What was addressed, unless it was made to be large: then how it begins. */
function bounded(addressed: JsonObject): JsonObject {
  const text = JSON.stringify(addressed)
  if (text.length <= addressedMaxLength) return addressed
  return { left_out: `${text.length} characters`, begin: cut(text) }
}

const codeOf = (error: unknown): ErrorCode =>
  error instanceof TaskerError ? error.code : 'INTERNAL'

function outcomeOf(code: ErrorCode | null): AuditOutcome {
  if (code === null) return 'done'
  const status = statusOf(code)
  if (status >= 500) return 'failed'
  return status === 403 ? 'denied' : 'refused'
}

/** What was done stays done, and what was denied stays denied, also where the log cannot take the rest of it. */
async function kept(
  { tasker }: AuditedCall,
  { operation, actor }: AuditedAttempt,
  write: () => Promise<unknown>,
): Promise<void> {
  try {
    await write()
  } catch (error) {
    tasker.log.error(
      { error, operation, actor: inLines(actor) },
      'the audit log could not be completed',
    )
  }
}

/** `token:deploy` reads like a secret, and lines of the log mask what does. */
const inLines = (actor: string): string => actor.replace(/^token:/, 'token ')

/** The same as a line of the log, for whoever gathers those. */
function tell(
  { tasker }: AuditedCall,
  { actor, operation, permission, transport, taskId, addressed, reason, address }: AuditedAttempt,
  end: { readonly outcome: AuditOutcome; readonly code: ErrorCode | null },
): void {
  const who = { actor: inLines(actor), operation, permission, transport, address }
  const fields = { ...who, task_id: taskId, addressed, reason, ...end }
  if (end.outcome === 'done') tasker.log.info(fields, 'audit')
  else tasker.log.warn(fields, 'audit')
}
