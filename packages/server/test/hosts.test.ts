// The server inside each framework it mounts into, over real HTTP: a task is created, its events are followed, strangers and
// bodies without end are turned away, the host keeps its own routes, and it can be shut down while somebody listens.
import { createTasker, defineTask, type Tasker } from '@tasker/engine'
import { AuthenticationFailed, createServer, type TaskerServer } from '@tasker/server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databaseForFile } from '../../engine/test/support/database.ts'
import { readSource } from './support/event-source.ts'
import { hosts, ownAnswer, type Host } from './support/hosts.ts'

const greet = defineTask({ name: 'greet', namespace: 'demo' }).step('hello', async () => 'hello')
const database = databaseForFile()
let tasker: Tasker

beforeAll(async () => {
  tasker = await createTasker({
    database: { url: database.url },
    definitions: [greet],
    orchestration: { pollIntervalMs: 50 },
    server: { bodyMaxBytes: 100_000, streamPollIntervalMs: 50 },
    auth: {
      authenticationEnabled: true,
      authenticator: {
        authenticate({ headers }: Request) {
          if (headers.get('authorization') === 'Bearer good') return { id: 'ada' }
          throw new AuthenticationFailed('This token is not good.')
        },
      },
    },
  })
  await tasker.worker.start()
})
afterAll(async () => tasker.close())

const authorization = 'Bearer good'

describe.each(Object.entries(hosts))('%s', (name, start) => {
  let server: TaskerServer
  let host: Host
  beforeAll(async () => {
    server = createServer(tasker)
    host = await start(server, tasker)
  })
  afterAll(async () => host.close())

  const post = async (body: string, headers: Record<string, string> = {}) =>
    fetch(`${host.origin}/tasker/tasks`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json', ...headers },
      body,
    })

  it('creates a task, tells its events, and ends the stream when it shuts down', async () => {
    const created = await post(JSON.stringify({ name: 'greet', namespace: 'demo', context: {} }))
    expect(created.status).toBe(201)
    const { task } = (await created.json()) as { task: { task_id: string } }
    const stream = await fetch(
      `${host.origin}/tasker/tasks/${task.task_id}/events?since=start&event=task.completed`,
      { headers: { authorization } },
    )
    const source = readSource(stream)
    expect((await source.event())?.data).toMatchObject({ task_id: task.task_id })
    await server.close()
    expect((await source.rest()).at(-1)?.comment).toMatch(/come again/)
  })

  it('turns strangers and broken bodies away', async () => {
    const nobody = await post('{}', { authorization: '' })
    expect(nobody.status).toBe(401)
    expect(nobody.headers.get('x-content-type-options')).toBe('nosniff')
    expect(await nobody.json()).toMatchObject({ code: 'UNAUTHENTICATED' })
    const wrong = await post(JSON.stringify({ name: 'greet', colour: 'red' }))
    expect(wrong.status).toBe(422)
  })

  it('takes no body that is too large', async () => {
    const large = await post(JSON.stringify({ name: 'greet', context: { x: 'x'.repeat(2e6) } }))
    expect(await large.json()).toMatchObject({ status: 413, code: 'BODY_TOO_LARGE' })
  })

  it('leaves the other routes to the host, and lets a client that goes be gone', async () => {
    const own = await fetch(`${host.origin}/own`)
    const answered: unknown = await own.json()
    const head = await fetch(`${host.origin}/tasker/health/live`, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length')]).toEqual([200, null])
    const isAlone = name === 'standing alone'
    expect(answered).toMatchObject(isAlone ? { code: 'ROUTE_NOT_FOUND' } : ownAnswer)
    const second = createServer(tasker)
    const other = await hosts[name]?.(second, tasker)
    const leaving = new AbortController()
    const stream = await fetch(`${other?.origin}/tasker/events`, {
      headers: { authorization },
      signal: leaving.signal,
    })
    const source = readSource(stream)
    await source.message()
    expect(second.streamCount).toBe(1)
    leaving.abort()
    await expect(source.rest()).rejects.toThrow()
    await expect.poll(() => second.streamCount).toBe(0)
    await other?.close()
  })
})
