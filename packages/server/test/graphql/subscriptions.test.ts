// Subscriptions over SSE: what happens to tasks as answers of GraphQL, to whom it concerns, from any place on.
import { defineTask } from '@tasker/engine'
import { beforeAll, describe, expect, it } from 'vitest'
import { readSource, type Source } from '../support/event-source.ts'
import { as, ask, byHeader } from '../support/graphql.ts'
import { here, servedForFile } from '../support/served.ts'

const greet = defineTask({ name: 'greet', namespace: 'demo' }).step('hello', async () => 'hello')
const bill = defineTask({ name: 'bill', namespace: 'billing' }).step('charge', async () => 'paid')

const served = servedForFile(() => ({
  definitions: [greet, bill],
  auth: byHeader,
  orchestration: { pollIntervalMs: 50 },
  server: { streamHeartbeatMs: 50, streamPollIntervalMs: 50, streamsMaxPerCaller: 3 },
}))

const root = as({ id: 'root', isAdmin: true }).headers
const only = as({
  id: 'sam',
  namespaces: ['demo'],
  permissions: ['tasker.task:index', 'tasker.task:show'],
}).headers

beforeAll(async () => served.tasker.worker.start())

async function subscribe(
  query: string,
  headers: Readonly<Record<string, string>>,
  method: 'GET' | 'POST' = 'POST',
): Promise<Source> {
  const url = 'http://localhost/tasker/graphql'
  const all = { accept: 'text/event-stream', 'content-type': 'application/json', ...headers }
  const request =
    method === 'GET'
      ? new Request(`${url}?${new URLSearchParams({ query }).toString()}`, { headers: all })
      : new Request(url, { method: 'POST', headers: all, body: JSON.stringify({ query }) })
  const answer = await served.server.fetch(request, here)
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    200,
    'text/event-stream; charset=utf-8',
  ])
  return readSource(answer)
}

const create = async (definition: typeof greet | typeof bill): Promise<string> => {
  const { taskId } = await served.tasker.tasks.create(definition, { context: { card: 4711 } })
  await served.tasker.tasks.waitFor(taskId)
  return taskId
}

describe('a subscription', () => {
  it('tells what happens to the tasks that the caller may see, with the task as it is then', async () => {
    const query = `subscription { events(filter: { events: ["task.*"] }) { event namespace at task { status context } } }`
    const source = await subscribe(query, only)
    await source.message() // it has begun
    await create(bill)
    await create(greet)
    const [first] = await source.events(1)
    expect(first).toMatchObject({ event: 'next' })
    expect(first?.data).toMatchObject({
      data: {
        events: {
          event: 'task.initialize_requested',
          namespace: 'demo',
          task: { context: null },
        },
      },
      errors: [{ path: ['events', 'task', 'context'], extensions: { code: 'FORBIDDEN' } }],
    })
    await source.leave()
  })

  it('to one task begins where a cursor says, also by the last event id of a browser', async () => {
    const taskId = await create(greet)
    const query = `subscription { taskChanged(taskId: "${taskId}", after: "start") { event step details } }`
    const source = await subscribe(query, root, 'GET')
    const events = await source.events(5)
    const names = events.map(
      ({ data }) => (data as { data: { taskChanged: { event: string } } }).data.taskChanged.event,
    )
    expect(names).toEqual([
      'task.initialize_requested',
      'task.start_requested',
      'step.execution_requested',
      'step.completed',
      'task.completed',
    ])
    await source.leave()
    const id = events[3]?.id ?? ''
    const further = await subscribe(query, { ...root, 'last-event-id': id }, 'GET')
    const [last] = await further.events(1)
    expect(last?.data).toMatchObject({ data: { taskChanged: { event: 'task.completed' } } })
    await further.leave()
  })

  it('that is not allowed, not possible or not there is one answer, and the end', async () => {
    const refusedAs = async (query: string, headers: Readonly<Record<string, string>>) => {
      const messages = await (await subscribe(query, headers)).rest()
      expect(messages.map(({ event }) => event)).toEqual(['next', 'complete'])
      return messages[0]?.data
    }
    const forbidden = [{ extensions: { code: 'FORBIDDEN' } }]
    const nobody = as({ id: 'eve' }).headers
    expect(await refusedAs('subscription { events { event } }', nobody)).toMatchObject({
      errors: forbidden,
    })
    const there = await create(bill)
    const gone = '0198f3f0-7c1e-7000-8000-0123456789ab'
    for (const id of [there, gone])
      expect(
        await refusedAs(`subscription { taskChanged(taskId: "${id}") { event } }`, only),
      ).toMatchObject({ errors: [{ extensions: { code: 'TASK_NOT_FOUND' } }] })
    expect(await refusedAs('subscription { events(after: "x") { event } }', root)).toMatchObject({
      errors: [{ extensions: { code: 'HISTORY_CURSOR_INVALID' } }],
    })
    expect(await refusedAs('{ nothing }', root)).toMatchObject({
      errors: [{ extensions: { code: 'GRAPHQL_INVALID' } }],
    })
    expect(await refusedAs('{ __typename }', root)).toEqual({ data: { __typename: 'Query' } })
  })

  it('without a stream to answer on is refused', async () => {
    const answer = await ask(served, 'subscription { events { event } }', { headers: root })
    expect(answer.errors).toMatchObject([{ extensions: { code: 'REQUEST_INVALID' } }])
  })

  it('is one of the streams that are counted, until its reader goes or the server closes', async () => {
    const query = 'subscription { events { event } }'
    expect(served.server.streamCount).toBe(0)
    const open = [await subscribe(query, root), await subscribe(query, root)]
    const third = await subscribe(query, root)
    expect(served.server.streamCount).toBe(3)
    const [refused] = await (await subscribe(query, root)).rest()
    expect(refused?.data).toMatchObject({ errors: [{ extensions: { code: 'RATE_LIMITED' } }] })
    await third.leave()
    expect(served.server.streamCount).toBe(2)
    await served.server.close()
    for (const source of open) await source.rest()
    expect(served.server.streamCount).toBe(0)
  })
})
