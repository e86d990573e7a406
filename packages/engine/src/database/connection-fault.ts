// Which errors of a connection mean "this database cannot be used", and the sentence that says what is wrong with it. The
// driver's own text for these names neither database nor remedy, and one of them carries the address with its password.
import { TaskerError } from '../errors.ts'

/**
 * DATABASE_UNREACHABLE when the database is missing, the role or password is refused, or the address is none; a code of its
 * own when the server answers and does not write, or does not let this role; null for every other error.
 */
export function connectionFault(error: unknown): TaskerError | null {
  if (!(error instanceof Error) || !('code' in error)) return null
  switch (error.code) {
    case 'ERR_INVALID_URL':
      // Without its cause: that one holds the whole address, password included.
      return new TaskerError(
        'DATABASE_UNREACHABLE',
        'The address of the database is not a URL; characters such as @, / and # in a password are written %40, %2F and %23.',
      )
    case '3D000': // invalid_catalog_name
      return refused(`The server answers, but has no such database (${error.message}).`, error)
    case '28000': // invalid_authorization_specification
      return refused(`The server refused the role (${error.message}).`, error)
    case '28P01': // invalid_password
      return refused(`The server refused the password (${error.message}).`, error)
    case '53300': // too_many_connections
      return new TaskerError(
        'DATABASE_BUSY',
        `The server has no connection left (${error.message}).`,
        {},
        error,
      )
    case '25006': // read_only_sql_transaction
      return new TaskerError(
        'DATABASE_READ_ONLY',
        `The server answers, but does not write (${error.message}).`,
        {},
        error,
      )
    case '42501': // insufficient_privilege
      return new TaskerError(
        'DATABASE_DENIED',
        `The server answers, but refuses the role its rights (${error.message}).`,
        {},
        error,
      )
    default:
      return null
  }
}

const refused = (message: string, cause: Error): TaskerError =>
  new TaskerError('DATABASE_UNREACHABLE', message, {}, cause)
