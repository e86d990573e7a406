// What went wrong, in the one form in which it is printed: `error CODE: message`, and the exit code.
// 0: done. 1: it failed. 2: the command was not used as it is meant; of the validators, somebody who
// is needed cannot be reached, and 64 is their wrong use. Loads nothing of the engine, so that a
// mistyped command is answered at once.

export type ExitCode = 0 | 1 | 2 | 64

/** The command line itself is at fault: an option, an argument, a file that it names. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly exitCode: 2 | 64

  constructor(message: string, exitCode: 2 | 64 = 2) {
    super(message)
    this.exitCode = exitCode
  }
}

/** An error, and commands that would help here. */
export class FailureWithAdvice extends Error {
  readonly advice: readonly string[]

  constructor(cause: Error, advice: readonly string[]) {
    super(cause.message, { cause })
    this.advice = advice
  }
}

/** The error of something that was asked for or configured wrongly, where a scheduler is told apart by the exit code. */
export class WrongUse extends Error {
  constructor(cause: Error) {
    super(cause.message, { cause })
  }
}

/** What went wrong in a process that was started for the command. */
export class FailureElsewhere extends Error {
  readonly failure: Failure

  constructor(failure: Failure) {
    super(failure.message)
    this.failure = failure
  }
}

export interface Failure {
  readonly code: string
  readonly message: string
  /** Fields for programs, printed with `--json`. */
  readonly details: Readonly<Record<string, unknown>>
  /** Commands to copy, for people. */
  readonly advice: readonly string[]
  readonly exitCode: ExitCode
}

export function failureOf(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof FailureElsewhere) return error.failure
  if (error instanceof FailureWithAdvice) return { ...failureOf(error.cause), advice: error.advice }
  if (error instanceof WrongUse) return { ...failureOf(error.cause), exitCode: 2 }
  if (error instanceof UsageError)
    return { code: 'USAGE', message, details: {}, advice: [], exitCode: error.exitCode }
  const code = codeOf(error) ?? 'INTERNAL'
  return { code, message, details: detailsOf(error), advice: [], exitCode: 1 }
}

/** Codes of Tasker, of the embedded server, of Node and of PostgreSQL. */
export function codeOf(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : null
  return typeof code === 'string' && /^[A-Z0-9_]+$/.test(code) ? code : null
}

/** Known of our own errors only: elsewhere nobody promises that there is no secret in it. */
function detailsOf(error: unknown): Failure['details'] {
  const isOurs = error instanceof Error && error.name === 'TaskerError' && 'details' in error
  const details = isOurs ? error.details : null
  return typeof details === 'object' && details !== null ? { ...details } : {}
}
