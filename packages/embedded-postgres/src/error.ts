// The closed list of what can go wrong with the embedded server, with the remedy beside the code.
// The engine is no dependency of this package, so the class is its own.

export const embeddedPostgresErrors = {
  OPTIONS_INVALID: 'Correct every fault listed.',
  PLATFORM_UNSUPPORTED:
    'Set DATABASE_URL to a PostgreSQL server, or run inside WSL or a container.',
  BINARIES_MISSING:
    'Install the package named above, or a PostgreSQL server (15 or newer) on PATH, or set DATABASE_URL.',
  VERSION_MISMATCH:
    'Install server binaries of the version that made the folder, or export its data with them and use a new folder.',
  FOLDER_UNREACHABLE: 'Choose another folder, or run as the user who owns this one.',
  LOCK_TIMEOUT: 'Wait for the process named above, or end it, and try again.',
  INITDB_FAILED: 'Correct what the output above says; nothing was left behind.',
  START_FAILED: 'The lines above are the end of the server’s log; the file has the rest.',
  DATA_GONE:
    'Put the folder back, or end the processes that use it and start anew with an empty database.',
  SERVER_UNRESPONSIVE: 'End the process named above and try again.',
  DURABILITY_MISMATCH: 'Release the server everywhere so that it stops, or use another folder.',
  STOP_FAILED: 'End the process named above; acknowledged rows survive that.',
} as const satisfies Readonly<Record<string, string>>

export type EmbeddedPostgresErrorCode = keyof typeof embeddedPostgresErrors

/** Fields of an error, for programs. Never holds rows or secrets. */
export type EmbeddedPostgresErrorDetails = Readonly<
  Record<string, string | number | null | readonly string[]>
>

/** The one class this package throws. The message says what happened, then what to do. */
export class EmbeddedPostgresError extends Error {
  override readonly name = 'EmbeddedPostgresError'
  readonly code: EmbeddedPostgresErrorCode
  readonly remedy: string
  readonly details: EmbeddedPostgresErrorDetails

  constructor(
    code: EmbeddedPostgresErrorCode,
    message: string,
    details: EmbeddedPostgresErrorDetails = {},
    cause?: unknown,
  ) {
    const remedy = embeddedPostgresErrors[code]
    super(`${message} ${remedy}`, cause === undefined ? undefined : { cause })
    this.code = code
    this.remedy = remedy
    this.details = details
  }
}

/** The `code` of a Node or PostgreSQL error (`ENOENT`, `57P03`), or null. */
export function errorCodeOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null
  return typeof error.code === 'string' ? error.code : null
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
