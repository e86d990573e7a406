// The clients, run as a stranger runs them: each in a process of its own, against a server on a port, with a token that may do
// what it has to and no more.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createTasker, defineTask, type Tasker } from '@tasker/engine'
import { apiTokenAuthenticator, createServer, listen, type Listening } from '@tasker/server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { databaseForFile } from '../../packages/engine/test/support/database.ts'

const database = databaseForFile()
const greet = defineTask({
  namespace: 'clients',
  name: 'greet',
  context: z.object({ who: z.string() }),
}).step('hello', ({ context }) => `hello, ${context.who}`)

interface Served {
  readonly tasker: Tasker
  readonly listening: Listening
}

async function serve(isOpen: boolean): Promise<Served> {
  const auth = isOpen ? {} : { authenticationEnabled: true, authenticator: apiTokenAuthenticator() }
  const tasker = await createTasker({ database: { url: database.url }, definitions: [greet], auth })
  return { tasker, listening: await listen(tasker, createServer(tasker), { port: 0 }) }
}

let opened: readonly Served[] = []
let token = ''

beforeAll(async () => {
  opened = [await serve(false), await serve(true)]
  const [guarded] = opened
  const made = await guarded?.tasker.apiTokens.create({
    name: 'clients',
    scopes: ['tasker.task:*', 'tasker.workflow_step:*', 'tasker.task_diagram:index'],
  })
  token = made?.secret ?? ''
  await guarded?.tasker.worker.start()
})

afterAll(async () => {
  for (const { listening, tasker } of opened) {
    await listening.close()
    await tasker.close()
  }
})

async function runClient(
  program: string,
  words: readonly string[],
  { listening }: Served,
  more: Readonly<Record<string, string>> = {},
): Promise<string> {
  const env = { ...process.env, TASKER_URL: listening.url, TASKER_TOKEN: token, ...more }
  const cwd = fileURLToPath(new URL('.', import.meta.url))
  const { stdout } = await promisify(execFile)(program, [...words], { env, cwd })
  return stdout
}

const guarded = (): Served => served(0)
const open = (): Served => served(1)
function served(index: number): Served {
  const one = opened[index]
  if (one === undefined) throw new Error('read inside tests')
  return one
}

test('the typed client creates a task and reads what its step found', async () => {
  const words = ['--disable-warning=ExperimentalWarning', 'typed-client.ts']
  expect(JSON.parse(await runClient(process.execPath, words, guarded()))).toEqual({
    status: 'complete',
    results: 'hello, the typed client',
  })
})

test('so does the client in plain JavaScript, and it is told of a refusal by its code', async () => {
  const printed = await runClient(process.execPath, ['javascript-client.js'], guarded())
  expect(JSON.parse(printed)).toMatchObject({
    status: 'complete',
    results: 'hello, JavaScript',
    refused: { status: 422, code: 'REQUEST_INVALID', faults: [{ path: 'query.limit' }] },
  })
})

test('curl creates, shows and lists a task, and draws its definition', async () => {
  const printed = await runClient('bash', ['requests.sh'], guarded())
  const [shown = '', listed = '', ...drawn] = printed.split('\n')
  expect(JSON.parse(shown)).toMatchObject({ task: { context: { who: 'curl' } } })
  expect(JSON.parse(listed)).toMatchObject({ tasks: [{ full_name: 'clients.greet@0.1.0' }] })
  expect(drawn.join('\n')).toContain('flowchart LR\n  s1["hello"]')
})

test('EventSource follows a task from its beginning to its end', async () => {
  const { tasker } = guarded()
  const { taskId } = await tasker.tasks.create(greet, { context: { who: 'EventSource' } })
  const words = ['--experimental-eventsource', '--disable-warning=ExperimentalWarning']
  const printed = await runClient(process.execPath, [...words, 'live-events.js'], open(), {
    TASKER_TASK: taskId,
  })
  expect(printed.trim().split('\n')).toEqual([
    '{"event":"step.completed","step":"hello"}',
    '{"event":"task.completed"}',
  ])
})
