// Requests that a browser was talked into, and requests from elsewhere where nobody is asked who they are.
import { createTasker, defineTask } from '@tasker/engine'
import { firstOf, hostSessionAuthenticator } from '@tasker/server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databaseForFile } from '../../../engine/test/support/database.ts'
import { byHeader, guarded, guardedInTest, type Guarded } from '../support/guarded.ts'

const database = databaseForFile()
const note = defineTask({ namespace: 'office', name: 'note' }).step('write', async () => 'ink')
const newNote = { name: 'note', namespace: 'office', context: {} }

describe('W-15: a cookie that a browser sends for another site', () => {
  let as: Guarded['as']
  let opened: Awaited<ReturnType<typeof guarded>>
  beforeAll(async () => {
    opened = await guarded(database.url, {
      definitions: [note],
      auth: {
        authenticationEnabled: true,
        authenticator: firstOf(
          byHeader({ ben: {} }),
          hostSessionAuthenticator({
            callerOf: ({ headers }) => (headers.has('cookie') ? { id: 'ana' } : null),
          }),
        ),
        trustedOrigins: ['https://admin.example.com'],
      },
    })
    as = opened.as
  })
  afterAll(() => opened.close())
  const cookie = { cookie: 'session=1' }

  test.each([
    ['from this site', { 'sec-fetch-site': 'same-origin', origin: 'http://localhost' }, 201],
    ['typed by the user', { 'sec-fetch-site': 'none' }, 201],
    ['from this host, by an old browser', { origin: 'http://localhost' }, 201],
    [
      'from a trusted site',
      { 'sec-fetch-site': 'cross-site', origin: 'https://admin.example.com' },
      201,
    ],
    ['from another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, 403],
    [
      'from a sibling of this site',
      { 'sec-fetch-site': 'same-site', origin: 'http://a.localhost' },
      403,
    ],
    ['from another site, by an old browser', { origin: 'https://evil.example' }, 403],
    ['from a sandboxed page', { origin: 'null' }, 403],
    ['from another port', { origin: 'http://localhost:81' }, 403],
    ['from a name that looks like it', { origin: 'https://admin.example.com.evil.example' }, 403],
    ['from nowhere', {}, 403],
  ])('may change something %s', async (_case, headers, status) => {
    const options = { body: newNote, headers: { ...cookie, ...headers } }
    const answer = await as(null, 'POST', '/tasks', options)
    expect(answer).toMatchObject({
      status,
      body: status === 403 ? { code: 'CROSS_SITE_REFUSED' } : { task: {} },
    })
    const read = await as(null, 'GET', '/tasks', { headers: options.headers })
    expect(read.status).toBe(200) // the browser keeps it from the page
  })

  test('is not asked for where the credentials are no cookie', async () => {
    expect((await as('ben', 'POST', '/tasks', { body: newNote })).status).toBe(201)
  })

  test('says what to send', async () => {
    const { headers } = await as(null, 'GET', '/tasks')
    expect(headers.get('www-authenticate')).toBe('ApiKey realm="tasker", Cookie realm="tasker"')
  })
})

describe('without authentication', () => {
  test('a page of another site changes nothing on this machine', async () => {
    const { as } = await guardedInTest(database.url, { definitions: [note] })
    const post = async (headers: Readonly<Record<string, string>>): Promise<number> =>
      (await as(null, 'POST', '/tasks', { body: newNote, headers })).status
    expect(await post({ origin: 'https://evil.example' })).toBe(403)
    expect(await post({ 'sec-fetch-site': 'cross-site' })).toBe(403)
    expect(await post({ 'sec-fetch-site': 'same-origin' })).toBe(201)
  })

  test('W-08: whoever runs the server reads what it asks of callers', async () => {
    const lines: unknown[] = []
    const keep = (fields: object, message: string): void => {
      lines.push({ ...fields, message })
    }
    const logger = { debug: keep, info: keep, warn: keep, error: keep }
    await guardedInTest(database.url, { logger, server: { allowUnauthenticated: true } })
    expect(lines).toContainEqual(
      expect.objectContaining({
        answers: 'anybody',
        allows: 'everything',
        message: 'the server answers without authentication',
      }),
    )
  })

  test('W-08: a setting that does not exist is refused', async () => {
    // The first generation passed over it in silence; here only a file of plain JavaScript gets so far.
    const auth: object = { enabled: true }
    const made = createTasker({ database: { url: database.url }, auth })
    await expect(made).rejects.toThrow('auth.enabled')
  })
})
