// Which errors of a connection mean "this address cannot be used", and the sentence that says what is wrong with it. The
// driver's own text for these names neither database nor remedy, and one of them carries the address with its password.
import { TaskerError } from '../errors.ts'

/**
 * DATABASE_UNREACHABLE when the database is missing, the role or password is refused, or the address is none; null for
 * every other error.
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
    default:
      return null
  }
}

const refused = (message: string, cause: Error): TaskerError =>
  new TaskerError('DATABASE_UNREACHABLE', message, {}, cause)
