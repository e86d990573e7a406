// What counts as a connection that failed: then the same call is sent again, and no outcome and no attempt is blamed.
import { expect, test } from 'vitest'
import { isConnectionError, sqlState, translate } from '../../src/database/connect.ts'

/** As Node makes them for a socket. */
const systemError = (code: string): Error =>
  Object.assign(new Error(`write ${code}`), { code, syscall: 'write' })

const serverError = (code: string): Error =>
  Object.assign(new Error('as the server says'), { code, severity: 'ERROR' })

// EPIPE has five letters, as every SQLSTATE has: found by a PostgreSQL that was killed while a call was being sent.
test.each(['EPIPE', 'ECONNRESET', 'ECONNREFUSED', 'ENOENT', 'ETIMEDOUT'])(
  'a socket that fails with %s is a connection that failed, not an answer of the server',
  (code) => {
    const error = systemError(code)
    expect(sqlState(error)).toBeNull()
    expect(isConnectionError(error)).toBe(true)
    expect(translate(error)).toMatchObject({ code: 'DATABASE_UNREACHABLE' })
  },
)

test.each([
  ['57P01', true], // terminated by an administrator
  ['08006', true],
  ['53300', true], // too many connections
  ['25006', true], // a server that only reads
  ['23505', false],
  ['40P01', false],
  ['TK001', false],
])('SQLSTATE %s is a connection that failed: %s', (code, expected) => {
  const error = serverError(code)
  expect(sqlState(error)).toBe(code)
  expect(isConnectionError(error)).toBe(expected)
})
