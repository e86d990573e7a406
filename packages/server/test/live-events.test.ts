// Live events: what a task does as it does it, to whom it concerns, from any place on, and not for ever.
import { createTasker, defineTask, PermanentError, TaskerError, type Tasker } from '@tasker/engine'
import {
  AuthenticationFailed,
  createServer,
  type Caller,
  type Question,
  type TaskerServer,
} from '@tasker/server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databaseForFile } from '../../engine/test/support/database.ts'
import { readSource, type Source } from './support/event-source.ts'
import { here } from './support/served.ts'

const greet = defineTask({ name: 'greet', namespace: 'demo' }).step('hello', async () => 'hello')
const refuse = defineTask({ name: 'refuse', namespace: 'billing' }).step('charge', async () => {
  throw new PermanentError('card 4711 refused')
})

const database = databaseForFile()
/** What the guarded server cannot do for as long as a test wants. */
let failing: { readonly what: string; readonly tell: () => void } | null = null
function failIfAsked(what: string): void {
  if (failing?.what !== what) return
  failing.tell()
  throw new TaskerError('DATABASE_UNREACHABLE', 'The database is away, as the test wants.')
}
/** `what`: authentication, or to look at the task of this id. */
function failures(what: string) {
  const { promise: happened, resolve: tell } = Promise.withResolvers<void>()
  failing = { what, tell }
  return { happened, end: () => (failing = null) }
}
/** By token; a test takes one away. */
const callers = new Map<string, Caller>()
const server = { streamHeartbeatMs: 50, streamPollIntervalMs: 50, streamsMaxPerCaller: 3 }
const tellsPayload = ({ caller, action }: Question): boolean =>
  action !== 'show_payload' || caller?.roles?.includes('payloads') === true

interface Side {
  readonly tasker: Tasker
  readonly server: TaskerServer
}
let open: Side
let guarded: Side

beforeAll(async () => {
  const opened = await createTasker({
    database: { url: database.url },
    definitions: [greet, refuse],
    orchestration: { pollIntervalMs: 50 },
    server: { ...server, streamsMax: 4 },
  })
  await opened.worker.start()
  open = { tasker: opened, server: createServer(opened) }
  const asked = await createTasker({
    database: { url: database.url },
    server,
    auth: {
      authenticationEnabled: true,
      authorizationEnabled: true,
      authenticator: {
        authenticate(request: Request) {
          failIfAsked('authentication')
          const caller = callers.get(request.headers.get('authorization') ?? '')
          if (caller === undefined) throw new AuthenticationFailed('This token is not good.')
          return caller
        },
      },
      authorizationCoordinator: {
        can: tellsPayload,
        scope: ({ caller }: Question) =>
          caller?.roles?.includes('vip') === true
            ? { tags: ['vip'], contextContains: { customer: { id: 7 } } }
            : null,
      },
    },
  })
  // Casts: each is what it is made of, but for what is named.
  const tasks = Object.create(asked.tasks, {
    getMany: {
      value: async (taskIds: readonly string[], shown?: object) => {
        for (const taskId of taskIds) failIfAsked(taskId)
        return asked.tasks.getMany(taskIds, shown)
      },
    },
  }) as Tasker['tasks']
  const faulty = Object.create(asked, { tasks: { value: tasks } }) as Tasker
  guarded = { tasker: asked, server: createServer(faulty) }
})
afterAll(async () => {
  for (const side of [open, guarded]) {
    await side.server.close()
    await side.tasker.close()
  }
})

interface Follow {
  readonly on?: Side
  readonly headers?: Readonly<Record<string, string>>
  readonly address?: string
}

const get = async (path: string, { on = open, headers = {}, address }: Follow = {}) =>
  on.server.fetch(
    new Request(`http://localhost/tasker${path}`, { headers }),
    address === undefined ? here : { address },
  )
const follow = async (path: string, options: Follow = {}): Promise<Source> => {
  const answer = await get(path, options)
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    200,
    'text/event-stream; charset=utf-8',
  ])
  return readSource(answer)
}
const create = async (name: string, namespace: string, more: object = {}): Promise<string> => {
  const { taskId } = await open.tasker.tasks.create({ name, namespace }, { context: {}, ...more })
  return taskId
}
/** The name of the next event of this task, or of what ends the stream. */
async function nextOf(source: Source, taskId: string): Promise<string | null> {
  for (;;) {
    const message = await source.event()
    if (message === null || message.event === 'problem') return message?.event ?? null
    if (message.data?.['task_id'] === taskId) return message.event
  }
}
const life = [
  'task.initialize_requested',
  'task.start_requested',
  'step.execution_requested',
  'step.completed',
  'task.completed',
]

describe('the events of a task', () => {
  it('come in their order, with what they say, and go on after any id', async () => {
    const taskId = await create('greet', 'demo')
    const source = await follow(`/tasks/${taskId}/events?since=start`)
    const events = await source.events(life.length)
    await source.leave()
    expect(new Set(events.map(({ event }) => event))).toEqual(new Set(life))
    expect(events.find(({ event }) => event === 'step.completed')?.data).toMatchObject({
      event: 'step.completed',
      task_id: taskId,
      task_name: 'greet',
      namespace: 'demo',
      step_name: 'hello',
      attempt: 1,
    })
    for (const [at, { id }] of events.entries()) {
      const headers = { 'last-event-id': id ?? '' }
      const again = await follow(`/tasks/${taskId}/events?since=start`, { headers })
      const after = await again.events(life.length - 1 - at)
      expect(after.map(({ data }) => data)).toEqual(events.slice(at + 1).map(({ data }) => data))
      await again.leave()
    }
  })

  it('come while they happen, without those of others', async () => {
    const source = await follow('/events?namespace=demo&name=greet&event=task.*')
    await create('refuse', 'billing')
    const taskId = await create('greet', 'demo')
    const events = await source.events(3)
    await source.leave()
    expect(events.map(({ data }) => data?.['task_id'])).toEqual([taskId, taskId, taskId])
    expect(events.at(-1)?.event).toBe('task.completed')
  })

  it('are refused before they begin for a wrong place, a wrong name or no task', async () => {
    const statuses = await Promise.all(
      [
        '/events?cursor=nonsense',
        '/events?event=nothing.at.all',
        '/events?colour=red',
        '/tasks/0198f3f0-7c1e-7000-8000-0123456789ab/events',
      ].map(async (path) => (await get(path)).status),
    )
    expect(statuses).toEqual([400, 422, 422, 404])
    expect(open.server.streamCount).toBe(0)
  })
})

describe('a stream', () => {
  it('says that it lives, and moves on by its id while nothing comes', async () => {
    const source = await follow('/events?event=task.retry_requested')
    const [retry, place] = [await source.message(), await source.message()]
    expect([retry?.data, place?.id]).toEqual([null, expect.stringMatching(/^1\./)])
    await create('greet', 'demo')
    const comments = new Set<string>()
    let id: string | null = null
    while (id === null || id === place?.id || comments.size === 0) {
      const message = await source.message()
      id = message?.id ?? id
      if (typeof message?.comment === 'string') comments.add(message.comment)
    }
    expect([...comments]).toEqual(['nothing new'])
    await source.leave()
  })

  it('is one of so many for a caller and for the server, and gives its place back', async () => {
    const mine = await Promise.all([1, 2, 3].map(async () => follow('/events')))
    const refused = await get('/events')
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '10'])
    const address = '127.0.0.2'
    const other = await follow('/events', { address })
    expect(open.server.streamCount).toBe(4)
    expect((await get('/events', { address })).status).toBe(503)
    for (const source of [...mine, other]) await source.leave()
    expect(open.server.streamCount).toBe(0)
    await (await follow('/events')).leave()
  })

  it('is not opened for HEAD, and ends when the client goes', async () => {
    const head = new Request('http://localhost/tasker/events', { method: 'HEAD' })
    expect((await open.server.fetch(head, here)).headers.get('content-type')).toContain('event')
    const gone = new AbortController()
    const request = new Request('http://localhost/tasker/events', { signal: gone.signal })
    const source = readSource(await open.server.fetch(request, here))
    await source.message()
    gone.abort()
    await source.rest()
    expect(open.server.streamCount).toBe(0)
  })

  it('names every event that there is none of', async () => {
    const answer = await get('/events?event=task.*,tasks.ended')
    expect(answer.status).toBe(422)
    expect(await answer.json()).toMatchObject({
      faults: [{ path: 'events', message: '"tasks.ended" is no event of the history' }],
    })
  })

  it('ends with its server, asking the client to come again', async () => {
    const short = createServer(open.tasker)
    const answer = await short.fetch(new Request('http://localhost/tasker/events'), here)
    const source = readSource(answer)
    await source.message()
    await short.close()
    expect((await source.rest()).at(-1)?.comment).toMatch(/come again/)
    const late = await short.fetch(new Request('http://localhost/tasker/events'), here)
    expect(late.status).toBe(503)
  })
})

describe('who may see events', () => {
  const as = (token: string, caller: Caller): Follow => {
    callers.set(token, caller)
    return { on: guarded, headers: { authorization: token } }
  }

  it('sees what errors say only with the permission for payloads', async () => {
    const taskId = await create('refuse', 'billing')
    const told: unknown[] = []
    for (const roles of [[], ['payloads']]) {
      const path = `/tasks/${taskId}/events?since=start&event=step.failed`
      const source = await follow(path, as(`role-${roles.join('')}`, { id: 'eve', roles }))
      told.push((await source.event())?.data?.['error'])
      await source.leave()
    }
    expect(told).toEqual([null, expect.objectContaining({ message: 'card 4711 refused' })])
  })

  it('sees of all events those of its namespaces and within its scope', async () => {
    const narrow = as('narrow', { id: 'nina', namespaces: ['billing'] })
    const vip = as('vip', { id: 'vera', roles: ['vip'] })
    const ofNamespace = await follow('/events', narrow)
    const ofScope = await follow('/events', vip)
    const plain = await create('greet', 'demo', { tags: ['vip'], context: { customer: { id: 8 } } })
    const wanted = await create('greet', 'demo', {
      tags: ['new', 'vip'],
      context: { customer: { id: 7, name: 'Ada' } },
    })
    const billed = await create('refuse', 'billing')
    expect((await ofNamespace.event())?.data?.['task_id']).toBe(billed)
    expect((await ofScope.event())?.data?.['task_id']).toBe(wanted)
    expect((await get(`/tasks/${plain}/events`, narrow)).status).toBe(404)
    await ofNamespace.leave()
    await ofScope.leave()
  })

  it('is left waiting while the database is away, and told what happened meanwhile', async () => {
    const following = as('through-an-outage', { id: 'olga', roles: ['vip'] })
    const source = await follow('/events', following)
    const renewals = failures('authentication')
    await renewals.happened // as for a token that cannot be looked up
    const wanted = { tags: ['vip'], context: { customer: { id: 7 } } }
    const first = await create('greet', 'demo', wanted)
    renewals.end()
    expect((await source.event())?.data?.['task_id']).toBe(first)
    await source.leave()
  })

  it('misses nothing when a task could not be looked at for a moment', async () => {
    const wanted = { tags: ['vip'], context: { customer: { id: 7 } } }
    const taskId = await create('greet', 'demo', wanted)
    await open.tasker.tasks.waitFor(taskId)
    const looks = failures(taskId)
    const vip = as('vip-through-an-outage', { id: 'una', roles: ['vip'] })
    const source = await follow('/events?since=start&event=task.completed', vip)
    const [event] = await Promise.all([nextOf(source, taskId), looks.happened.then(looks.end)])
    expect(event).toBe('task.completed')
    await source.leave()
  })

  it('is asked again, and told when it may no more', async () => {
    const source = await follow('/events', as('soon-gone', { id: 'ted' }))
    await source.message()
    callers.delete('soon-gone')
    const last = (await source.rest()).at(-1)
    expect(last).toMatchObject({ event: 'problem', data: { status: 401, code: 'UNAUTHENTICATED' } })
    expect(guarded.server.streamCount).toBe(0)
  })
})
