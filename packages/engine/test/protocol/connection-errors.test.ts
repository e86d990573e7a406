// What counts as a connection that failed: then the same call is sent again, and no outcome and no attempt is blamed.
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { connect, isConnectionError, sqlState, translate } from '../../src/database/connect.ts'

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

test('a server that has no connection left says what to change', () => {
  const said = translate(serverError('53300'))
  expect(said).toMatchObject({ code: 'DATABASE_BUSY' })
  expect(String(said)).toContain('`max_connections`')
})

/** Answers whoever connects with one message of the protocol. Returns its address. */
async function serverThatAnswers(message: Buffer): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => socket.write(message))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return `postgresql://nobody@127.0.0.1:${(server.address() as AddressInfo).port}/none` // listens on TCP
}

/** `type`, the length of what follows it, and the rest. */
function protocolMessage(type: string, rest: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(rest.length + 4)
  return Buffer.concat([Buffer.from(type), length, rest])
}

// The code is one of those that blame what a call carries. An outcome that was blamed for an answer like this one was
// recorded as a failure for good, and what its handler had returned was lost.
test('whatever a server says before it lets us in, nothing but the connection is to blame', async () => {
  const refusal = protocolMessage('E', Buffer.from('SERROR\0C22023\0Mnot before eight\0\0'))
  const database = connect({
    url: await serverThatAnswers(refusal),
    schema: 'tasker',
    poolSize: 1,
    transactionPoolSize: 1,
    connectTimeoutMs: 5_000,
    statementTimeoutMs: 30_000,
    applicationName: 'tasker',
    preparedStatements: true,
  })
  onTestFinished(() => database.close())
  const unreachable = { code: 'DATABASE_UNREACHABLE' }
  await expect(database.run('', 'select 1', [])).rejects.toMatchObject(unreachable)
  await expect(database.transactionClient(new AbortController().signal)).rejects.toMatchObject(
    unreachable,
  )
})
