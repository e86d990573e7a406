// A stranger's client: types made of the published schema and nothing else, against a server that listens.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createTasker, defineTask } from '@tasker/engine'
import { createServer } from '@tasker/server'
import { nodeHandler } from '@tasker/server/node'
import { expect, onTestFinished, test } from 'vitest'
import { databaseForFile } from '../../../packages/engine/test/support/database.ts'
import { ask, type Connection } from './client.ts'
import { generate, generatedFile } from './generate.ts'
import { createTask, listTasks, showTask } from './operations.generated.ts'

const database = databaseForFile()
const greet = defineTask({ name: 'greet', namespace: 'demo' })
  .step('think', async () => ({ words: 2 }))
  .step('say', { dependsOn: ['think'] }, async () => 'hello')

async function serve(): Promise<Connection> {
  const tasker = await createTasker({ database: { url: database.url }, definitions: [greet] })
  const server = createServer(tasker)
  const http = createHttpServer(nodeHandler(server)).listen(0, '127.0.0.1')
  await once(http, 'listening')
  onTestFinished(async () => {
    http.close()
    await server.close()
    await tasker.close()
  })
  const { port } = http.address() as AddressInfo // it listens on a port
  return { url: `http://127.0.0.1:${port}/tasker/graphql` }
}

test('the types are those of the published schema', () => {
  expect(readFileSync(generatedFile, 'utf8')).toBe(generate())
})

test('a task is created, found and shown, and a refusal is a value', async () => {
  const connection = await serve()
  const input = { name: 'greet', namespace: 'demo', context: { who: 'world' } }
  const { createTask: made } = await ask(connection, createTask, { input })
  expect(made).toMatchObject({ isChanged: true, userErrors: [] })
  const taskId = made.task?.taskId ?? ''

  const { tasks } = await ask(connection, listTasks, { filter: { namespace: 'demo' } })
  expect(tasks).toMatchObject({ totalCount: 1, nodes: [{ taskId, status: 'PENDING' }] })
  const { task } = await ask(connection, showTask, { taskId })
  expect(task?.workflowSteps?.nodes).toEqual([
    { name: 'think', status: 'PENDING', results: null, parents: [] },
    { name: 'say', status: 'PENDING', results: null, parents: [{ name: 'think' }] },
  ])

  const unknown = await ask(connection, createTask, { input: { name: 'nothing', context: {} } })
  expect(unknown.createTask).toMatchObject({
    task: null,
    userErrors: [{ code: 'DEFINITION_NOT_FOUND' }],
  })
  await expect(ask(connection, listTasks, { first: 1_000 })).rejects.toThrow('REQUEST_INVALID')
})
