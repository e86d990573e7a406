// The errors that Tasker raises, by the codes of error-catalogue.ts, and the two classes a handler may throw.
import { errorCatalogue, type ErrorCategory, type ErrorCode } from './error-catalogue.ts'

export type { ErrorCode }

/** Fields of an error. Never put a context, a result, a token or a password here. */
export type ErrorDetails = Readonly<Record<string, unknown>>

/** Every error that Tasker itself raises. Branch on `code`. */
export class TaskerError extends Error {
  override readonly name = 'TaskerError'
  readonly code: ErrorCode
  readonly category: ErrorCategory
  readonly details: ErrorDetails

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, cause?: unknown) {
    super(
      `${message}${message.endsWith('\n') ? '' : ' '}${errorCatalogue[code].remedy}`,
      cause === undefined ? undefined : { cause },
    )
    this.code = code
    this.category = errorCatalogue[code].category
    this.details = details
  }
}

/**
 * Thrown by a handler: try again. Any other error is retried too; this one may say when.
 * The wait is capped at `backoff.maxBackoffSeconds`.
 */
export class RetryableError extends Error {
  override readonly name: string = 'RetryableError'
  /** Milliseconds to wait before the next attempt, or null for the ladder. */
  readonly afterMs: number | null
  /** Free fields, kept in the history of the step; those named like secrets are redacted there. `http` stands by itself. */
  readonly context: ErrorDetails

  constructor(
    message: string,
    options: { afterMs?: number; context?: ErrorDetails; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.afterMs = options.afterMs ?? null
    this.context = options.context ?? {}
  }
}

/** Thrown by a handler: no further attempt can help. The step ends in error at once, whatever its retry limit. */
export class PermanentError extends Error {
  override readonly name: string = 'PermanentError'
  /** Your own code, kept in the history of the step. */
  readonly code: string | null
  readonly context: ErrorDetails

  constructor(
    message: string,
    options: { code?: string; context?: ErrorDetails; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = options.code ?? null
    this.context = options.context ?? {}
  }
}

/** One fault among many in a request, a definition or a configuration. */
export interface Fault {
  /** Where: `steps.charge.dependsOn`, `backoff.maxBackoffSeconds`, `context/orderId`. */
  readonly path: string
  /** What is wrong there, with the value received and what was expected. */
  readonly message: string
}

/** "2 faults:\n  - path: message" — the one layout of a list of faults. */
export function listFaults(faults: readonly Fault[]): string {
  const lines = faults.map((fault) => `  - ${fault.path}: ${fault.message}`)
  return `${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}:\n${lines.join('\n')}\n`
}

/** What was thrown, which need not be an error. */
export const asError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(String(thrown))
