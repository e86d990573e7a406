// API tokens: a secret that is shown once, what it may do, and how it ends.
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTasker, type Tasker } from '../../src/tasker.ts'
import { testClock, type TestClock } from '../../src/testing/index.ts'
import { databaseForFile } from '../support/database.ts'

const database = databaseForFile()
const minuteMs = 60_000
const dayMs = 86_400_000

let clock: TestClock
let tasker: Tasker
/** Another process on the same database. */
let other: Tasker

beforeAll(async () => {
  clock = testClock()
  const options = { database: { url: database.url }, clock }
  tasker = await createTasker(options)
  other = await createTasker(options)
})
afterAll(async () => {
  await other.close()
  await tasker.close()
})

const scopes = ['tasker.task:index']

describe('a token', () => {
  test('is shown once, and is known to every process with what it may do', async () => {
    const made = await tasker.apiTokens.create({
      name: 'deploy',
      scopes,
      namespaces: ['shop'],
      actor: 'ana',
    })
    expect(made.secret).toMatch(/^tsk_[0-9a-f]{16}_[\w-]{43}$/)
    expect(made.token).toEqual({
      tokenId: made.secret.slice(4, 20),
      name: 'deploy',
      scopes,
      namespaces: ['shop'],
      createdAt: clock.now(),
      createdBy: 'ana',
      rotatedAt: null,
      previousUntil: null,
      expiresAt: new Date(clock.nowMs() + 90 * dayMs),
      isExpired: false,
      lastUsedAt: null,
      revokedAt: null,
      revokedBy: null,
    })
    expect(await other.apiTokens.verify(made.secret)).toMatchObject({
      status: 'valid',
      token: { name: 'deploy', scopes, namespaces: ['shop'] },
    })
  })

  test('stands nowhere in the database, nor does its secret', async () => {
    const { secret } = await tasker.apiTokens.create({ name: 'hashed', scopes })
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    const { rows } = await client.query(
      `select t::text as row, encode(t.secret_hash, 'escape') as hash from tasker.api_tokens t where t.name = 'hashed'`,
    )
    await client.end()
    expect(rows).toHaveLength(1)
    expect(JSON.stringify(rows)).not.toContain(secret.slice(21))
  })

  test.each([
    ['', 'nothing'],
    ['tsk_', 'its beginning'],
    [`tsk_${'0'.repeat(16)}_${'A'.repeat(43)}`, 'a token that is not there'],
    ["tsk_' or true --", 'a try at SQL'],
    [`tsk_\0${'A'.repeat(60)}`, 'a NUL'],
    ['x'.repeat(1_000_000), 'a long text'],
  ])('is not %j (%s)', async (text) => {
    expect(await tasker.apiTokens.verify(text)).toEqual({ status: 'unknown' })
  })

  test('with one letter changed is none', async () => {
    const { secret } = await tasker.apiTokens.create({ name: 'changed', scopes })
    const last = secret.endsWith('A') ? 'B' : 'A'
    const changed = [
      secret.slice(0, -1) + last,
      secret.toUpperCase(),
      `${secret}A`,
      secret.slice(1),
    ]
    const checks = await Promise.all(changed.map((text) => tasker.apiTokens.verify(text)))
    expect(checks.map(({ status }) => status)).toEqual(changed.map(() => 'unknown'))
  })

  test('expires at its time, to whoever has the secret', async () => {
    const { secret } = await tasker.apiTokens.create({ name: 'short', scopes, expiresInMs: 1_000 })
    expect(await tasker.apiTokens.verify(secret)).toMatchObject({ status: 'valid' })
    await clock.advance(999)
    expect(await tasker.apiTokens.verify(secret)).toMatchObject({ status: 'valid' })
    await clock.advance(1)
    expect(await tasker.apiTokens.verify(secret)).toEqual({ status: 'expired' })
    const guess = secret.slice(0, 21) + 'A'.repeat(43)
    expect(await tasker.apiTokens.verify(guess)).toEqual({ status: 'unknown' })
  })

  test('without an end goes on', async () => {
    const { secret, token } = await tasker.apiTokens.create({
      name: 'endless',
      scopes,
      expiresInMs: null,
    })
    expect(token.expiresAt).toBeNull()
    await clock.advance(4_000 * dayMs)
    expect(await tasker.apiTokens.verify(secret)).toMatchObject({ status: 'valid' })
  })

  test('that is revoked is refused by all at once, and stays so', async () => {
    const { secret } = await tasker.apiTokens.create({ name: 'leaked', scopes })
    expect(await other.apiTokens.verify(secret)).toMatchObject({ status: 'valid' })
    const revoked = await tasker.apiTokens.revoke('leaked', { actor: 'ben' })
    expect(revoked).toMatchObject({ revokedAt: clock.now(), revokedBy: 'ben' })
    expect(await other.apiTokens.verify(secret)).toEqual({ status: 'revoked' })
    await expect(tasker.apiTokens.rotate('leaked')).rejects.toMatchObject({
      code: 'API_TOKEN_NOT_FOUND',
      message: expect.stringMatching(/^Token "leaked" was revoked by ben\./) as string,
    })
    await expect(tasker.apiTokens.create({ name: 'leaked', scopes })).rejects.toMatchObject({
      code: 'API_TOKEN_EXISTS',
    })
  })

  test('says when it was used last, to the minute', async () => {
    const { secret, token } = await tasker.apiTokens.create({ name: 'used', scopes })
    const lastUse = async () =>
      (await tasker.apiTokens.list()).find(({ tokenId }) => tokenId === token.tokenId)?.lastUsedAt
    expect(await lastUse()).toBeNull()
    const first = clock.now()
    await tasker.apiTokens.verify(secret)
    await clock.advance(minuteMs - 1)
    await tasker.apiTokens.verify(secret)
    expect(await lastUse()).toEqual(first)
    await clock.advance(1)
    await tasker.apiTokens.verify(secret)
    expect(await lastUse()).toEqual(clock.now())
  })
})

describe('a rotated token', () => {
  test('has another secret, and the old one holds no longer', async () => {
    const old = await tasker.apiTokens.create({ name: 'turned', scopes, expiresInMs: 10 * dayMs })
    await clock.advance(4 * dayMs)
    const fresh = await tasker.apiTokens.rotate('turned')
    expect(fresh.token).toMatchObject({
      tokenId: old.token.tokenId,
      rotatedAt: clock.now(),
      expiresAt: new Date(clock.nowMs() + 10 * dayMs),
    })
    expect(await other.apiTokens.verify(old.secret)).toEqual({ status: 'unknown' })
    expect(await other.apiTokens.verify(fresh.secret)).toMatchObject({ status: 'valid' })
  })

  test('lets the old secret hold for a while, if told, but not longer than it would have', async () => {
    const old = await tasker.apiTokens.create({
      name: 'handed',
      scopes,
      expiresInMs: 10 * minuteMs,
    })
    const { tokenId } = old.token
    const fresh = await tasker.apiTokens.rotate(tokenId, { graceMs: 5 * minuteMs })
    expect(await tasker.apiTokens.verify(old.secret)).toMatchObject({ status: 'valid' })
    expect(await tasker.apiTokens.verify(fresh.secret)).toMatchObject({ status: 'valid' })
    await clock.advance(5 * minuteMs)
    expect(await tasker.apiTokens.verify(old.secret)).toEqual({ status: 'unknown' })
    const last = await tasker.apiTokens.rotate(tokenId, { graceMs: dayMs, expiresInMs: null })
    expect(last.token.previousUntil).toEqual(fresh.token.expiresAt)
    expect(last.token.expiresAt).toBeNull()
  })
})

test('what is wrong with a token is told at once, and names nearest to a mistyped one', async () => {
  await expect(
    tasker.apiTokens.create({ name: 'a b', scopes: ['task:show'], expiresInMs: 1 }),
  ).rejects.toMatchObject({
    code: 'REQUEST_INVALID',
    details: { faults: [{ path: 'name' }, { path: 'scopes.0' }, { path: 'expiresInMs' }] },
  })
  await expect(tasker.apiTokens.revoke('deplyo')).rejects.toThrow(
    'There is no token "deplyo"; did you mean "deploy"?',
  )
})
