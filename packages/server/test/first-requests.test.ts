// The first things a caller does: create a task, show it, list tasks; and what a wrong request is told.
import { defineTask } from '@tasker/engine'
import { describe, expect, it } from 'vitest'
import { servedForFile, type Answered } from './support/served.ts'

const greet = defineTask({ name: 'greet', namespace: 'demo' }).step('hello', async () => 'hello')
const served = servedForFile(() => ({ definitions: [greet] }))

describe('tasks over REST', () => {
  it('are created with flat fields or under `task`, shown and listed', async () => {
    const fields = { name: 'greet', namespace: 'demo', context: { who: 'world' } }
    const flat = await served.call('POST', '/tasks', { body: fields })
    const wrapped = await served.call('POST', '/tasks', { body: { task: fields } })
    expect([flat.status, wrapped.status]).toEqual([201, 201])

    const shown = await served.call('GET', `/tasks/${taskIdOf(flat)}`)
    expect(shown.body).toMatchObject({ task: { context: { who: 'world' } } })

    const listed = await served.call('GET', '/tasks?limit=1&status=pending')
    expect(listed.body).toMatchObject({
      tasks: [{ task_id: taskIdOf(wrapped), full_name: 'demo.greet@0.1.0', status: 'pending' }],
      page: { next_cursor: taskIdOf(wrapped) },
    })
  })

  it('are refused with every fault at once', async () => {
    const body = { task: { name: '', context: 7, colour: 'red' } }
    const refused = await served.call('POST', '/tasks', { body })
    expect(refused.status).toBe(422)
    expect(refused.headers.get('content-type')).toBe('application/problem+json')
    expect(refused.body).toMatchObject({ code: 'REQUEST_INVALID', title: 'Unprocessable Content' })
  })

  it('that do not exist are not found, whatever else is wrong with the request', async () => {
    const missing = await served.call('GET', '/tasks/0198f3f0-7c1e-7000-8000-0123456789ab?x=1')
    expect(missing.body).toMatchObject({ status: 404, code: 'TASK_NOT_FOUND' })
  })
})

describe('what is served nowhere', () => {
  it('is a problem like any other, with the methods that are possible', async () => {
    const unknown = await served.call('GET', '/nothing')
    expect(unknown.body).toMatchObject({ status: 404, code: 'ROUTE_NOT_FOUND' })
    const wrong = await served.call('DELETE', '/health/live')
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET'])
  })

  it('without authentication, other machines and other host names are turned away', async () => {
    const away = await served.call('GET', '/tasks', { peer: { address: '10.0.0.9' } })
    expect(away.body).toMatchObject({ status: 403, code: 'EXPOSED_WITHOUT_AUTHENTICATION' })
    const alive = await served.call('GET', '/health/live', { peer: { address: '10.0.0.9' } })
    expect(alive.status).toBe(200)
  })

  it('brings back the correlation id it was sent with', async () => {
    const headers = { 'x-correlation-id': 'order-7' }
    const answer = await served.call('GET', '/nothing', { headers })
    expect(answer.headers.get('x-correlation-id')).toBe('order-7')
    expect(answer.body).toMatchObject({ instance: 'order-7' })
  })
})

const taskIdOf = ({ body }: Answered): string =>
  (body as { task: { task_id: string } }).task.task_id
