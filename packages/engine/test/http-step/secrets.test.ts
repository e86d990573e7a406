// Secrets: sent where they belong, and found nowhere else, whatever the other system answers and however the step fails.
import { expect, test } from 'vitest'
import pg from 'pg'
import { ApiStepHandler } from '../../src/definitions/api-steps/api-step-handler.ts'
import { httpStep } from '../../src/definitions/api-steps/http-step.ts'
import { defineTask } from '../../src/definitions/builder.ts'
import type { DefinitionSource } from '../../src/definitions/build-definition.ts'
import { StepHandler } from '../../src/definitions/step-handler.ts'
import type { TaskDefinition } from '../../src/definitions/model.ts'
import { RetryableError } from '../../src/errors.ts'
import { AttemptSecrets, type ReadSecret } from '../../src/steps/attempt-secrets.ts'
import type { Logger } from '../../src/log.ts'
import { cloneDatabase } from '../support/database.ts'
import { read as readYaml } from '../definitions/read-yaml.ts'
import { stage } from '../scenarios/stage.ts'
import { loopback, otherSystem, type Asked } from './other-system.ts'

const secret = `hunter2/"quo ted"\\&'ümlaut`
const inHeader = 's3cr3t-tok3n'
const secrets: ReadSecret = (name) => ({ body: secret, token: inHeader })[name] ?? ''

/** All rows of all tables as text. */
async function textOf(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<{ name: string }>(
      `select format('%I.%I', table_schema, table_name) as name
       from information_schema.tables
       where table_schema = 'tasker' and table_type = 'BASE TABLE'`,
    )
    const texts = []
    for (const { name } of rows) {
      const read = await client.query<{ text: string | null }>(
        `select string_agg(t::text, E'\\n') as text from ${name} t`,
      )
      texts.push(read.rows[0]?.text ?? '')
    }
    return texts.join('\n')
  } finally {
    await client.end()
  }
}

/** Runs a task to its end; everything that was stored, published, logged or shown of it. */
async function tracesOf(
  definition: DefinitionSource | TaskDefinition,
  read: ReadSecret = secrets,
): Promise<string> {
  const { url } = await cloneDatabase()
  const log: unknown[] = []
  const note = (...line: readonly unknown[]): void => void log.push(line)
  const logger: Logger = { debug: note, info: note, warn: note, error: note }
  const { tasker, run, events } = await stage(url, {
    definitions: [definition],
    secrets: read,
    logger,
    ...loopback,
  })
  const { taskId } = await tasker.tasks.create(definition, { context: { id: 7 } })
  const task = await run(taskId)
  const shown = [
    task,
    await tasker.tasks.history(taskId),
    await tasker.tasks.timeline(taskId),
    await tasker.tasks.why(taskId),
    events.all,
    log,
  ]
  return `${await textOf(url)}\n${JSON.stringify(shown)}`
}

const forms = [
  secret,
  JSON.stringify(secret).slice(1, -1),
  encodeURIComponent(secret),
  'quo+ted',
  'quo%20ted',
  'hunter2',
  'ümlaut',
  inHeader,
]

function expectNone(traces: string): void {
  expect(forms.filter((form) => traces.includes(form))).toEqual([])
  expect(traces).toContain('[REDACTED]')
}

/** Sends back whatever it was sent. */
const echo = ({ path, headers, body }: Asked) => ({
  path,
  authorization: headers.authorization ?? null,
  body: body === '' ? null : (JSON.parse(body) as unknown),
  text: `you said ${body} at ${path}`,
  [`key ${String(headers['x-echo'] ?? '')}`]: 1,
})

const options = {
  path: '/bot${secret:body}/{context.id}',
  query: { key: '${secret:body}' },
  headers: { authorization: 'Bearer ${secret:token}', 'x-echo': '${secret:token}' },
  body: { password: '${secret:body}', nested: ['${secret:body}'] },
} as const

test('a system that echoes everything in a success', async () => {
  const system = await otherSystem((asked) => ({ body: echo(asked) }))
  const definition = defineTask({ name: 'echo' }).step(
    'send',
    httpStep({ baseUrl: system.url, ...options }),
  )
  const traces = await tracesOf(definition)
  const [asked] = system.asked
  expect(asked?.headers.authorization).toBe(`Bearer ${inHeader}`)
  expect(asked?.path).toContain(encodeURIComponent(secret))
  expect(JSON.parse(asked?.body ?? '')).toEqual({ password: secret, nested: [secret] })
  expectNone(traces)
})

test.each([
  ['for good', 401],
  ['and is tried again', 503],
])('a system that echoes everything in a failure %s', async (_name, status) => {
  const system = await otherSystem((asked) => ({
    status,
    headers: { 'x-said': String(asked.headers['x-echo']), 'set-cookie': 'session=c00kie-value' },
    body: echo(asked),
  }))
  const definition = defineTask({ name: 'echo' }).step(
    'send',
    { retry: { limit: 2 } },
    httpStep({ baseUrl: system.url, ...options }),
  )
  const traces = await tracesOf(definition)
  expectNone(traces)
  expect(traces).not.toContain('c00kie-value')
})

test.each(['text', 'json'])(
  'an excerpt of %s that is cut through a secret shows none of it',
  async (kind) => {
    for (const lead of [1_980, 1_988, 1_992, 1_995]) {
      const text = `${'x'.repeat(lead)}${inHeader}${'y'.repeat(100)}`
      const system = await otherSystem(() => ({
        status: 400,
        body: kind === 'text' ? text : [text],
      }))
      const definition = defineTask({ name: 'cut' }).step(
        'send',
        httpStep({ baseUrl: system.url, headers: options.headers }),
      )
      expect(await tracesOf(definition)).not.toContain('xs3cr')
    }
  },
)

test('a system that is not there, and one that hangs up', async () => {
  const definition = defineTask({ name: 'gone' }).step(
    'send',
    { retry: { limit: 2 } },
    httpStep({ baseUrl: 'http://127.0.0.1:1', ...options }),
  )
  expectNone(await tracesOf(definition))
})

test('handlers of one’s own: results, errors, causes, events and reasons', async () => {
  let isWaiting = false
  const definition = defineTask({ name: 'own' })
    .step('result', async (step) => ({
      got: await step.secret('body'),
      at: `x${await step.secret('token')}x`,
    }))
    .step('wait', async (step) => {
      const token = await step.secret('token')
      if (isWaiting) return null
      isWaiting = true
      return step.waitUntil(new Date('2030-01-02'), `for ${token}`)
    })
    .step('event', { customEvents: [{ name: 'own.said', description: '' }] }, async (step) => {
      step.publish('own.said', { token: await step.secret('token') })
      return null
    })
    .step('error', { retry: { limit: 2 } }, async (step) => {
      const token = await step.secret('token')
      const cause = new Error(`cause ${token}`)
      throw new RetryableError(`no ${token}`, {
        cause,
        context: { token, deep: [await step.secret('body')] },
      })
    })
  expectNone(await tracesOf(definition))
})

test('a class with settings, and secrets in variables whose names say so', async () => {
  const system = await otherSystem((asked) => ({ status: 409, body: echo(asked) }))
  class Send extends ApiStepHandler {
    static override readonly settings = { headers: { 'x-echo': '${TASKER_TEST_API_TOKEN}' } }
  }
  const definition = defineTask({ name: 'classes' }).step(
    'send',
    { config: { base_url: system.url, body: { a: '${TASKER_TEST_API_TOKEN}' } } },
    Send,
  )
  process.env['TASKER_TEST_API_TOKEN'] = inHeader
  try {
    expectNone(await tracesOf(definition))
  } finally {
    delete process.env['TASKER_TEST_API_TOKEN']
  }
  expect(system.asked[0]?.headers['x-echo']).toBe(inHeader)
})

test('text that only begins like a secret stays as it is in results and events', async () => {
  const { url } = await cloneDatabase()
  const definition = defineTask({ name: 'alike' }).step(
    'send',
    { customEvents: [{ name: 'own.said', description: '' }] },
    async (step) => {
      await step.secret('token')
      step.publish('own.said', { stage: 'production' })
      return { stage: 'production', list: ['in prod'], echo: 'production-4711' }
    },
  )
  const { tasker, run, events } = await stage(url, {
    definitions: [definition],
    secrets: () => 'production-4711',
  })
  const task = await run((await tasker.tasks.create(definition, { context: {} })).taskId)
  expect(task).toMatchObject({
    results: { send: { stage: 'production', list: ['in prod'], echo: '[REDACTED]' } },
  })
  expect(JSON.stringify(events.all)).toContain('"stage":"production"')
})

test.each([
  ['TASKER_TEST_AUTH_URL', 'https://auth.example.com', false],
  ['TASKER_TEST_AUTH_URL', 'http://auth.example.com:8080/', false],
  ['TASKER_TEST_AUTH_URL', 'https://user:pass@auth.example.com', true],
  ['TASKER_TEST_OAUTH_URL', 'https://auth.example.com/v1/token', false],
  ['TASKER_TEST_AUTH_URL', 'https://auth.example.com/v1?key=x', true],
  ['TASKER_TEST_SECRET_URL', 'https://hooks.example.com/T0/B0/x', true],
  ['TASKER_TEST_SECRET_URL', 'https://hooks.example.com/?key=x', true],
  ['TASKER_TEST_TOKEN', 'opaque', true],
])('a variable %s with %s is secret: %s', (name, value, isSecret) => {
  const read = new AttemptSecrets({ readSecret: null, variables: { [name]: value } })
  read.variable(name)
  expect(read.redactText(`at ${value}.`)).toBe(isSecret ? 'at [REDACTED].' : `at ${value}.`)
})

test('the same from YAML: of API steps, and of handlers that find them in their configuration', async () => {
  const system = await otherSystem((asked) => ({ status: 409, body: echo(asked) }))
  const name = 'TASKER_TEST_API_TOKEN'
  const config = `url: '${system.url}', headers: { x-echo: '\${${name}}' }`
  const file = (handler: string): string => `
    name: from_yaml
    step_templates:
      - name: send
        ${handler}
  `
  class Tell extends StepHandler {
    override async process() {
      throw new RetryableError(`no use: ${JSON.stringify(this.config)}`)
    }
  }
  process.env[name] = inHeader
  const env = { [name]: inHeader }
  try {
    for (const handler of [
      `handler_config: { type: api, ${config} }`,
      `handler_class: Tell\n        handler_config: { ${config} }`,
    ]) {
      expectNone(await tracesOf(readYaml(file(handler), { env, handlers: { Tell } })))
    }
  } finally {
    delete process.env[name]
  }
  expect(system.asked[0]?.headers['x-echo']).toBe(inHeader)
})

test('a secret that is not there fails the step for good; a store that does not answer is asked again', async () => {
  const system = await otherSystem()
  const definition = defineTask({ name: 'missing' }).step(
    'send',
    { retry: { limit: 3 } },
    httpStep({ baseUrl: system.url, headers: { authorization: 'Bearer ${secret:nothing}' } }),
  )
  const { url } = await cloneDatabase()
  let readings = 0
  const answers: readonly ReadSecret[] = [
    () => Promise.reject(new Error('vault is sealed')),
    () => 'fine-secret',
  ]
  const read: ReadSecret = (name) => answers[readings++]?.(name) ?? ''
  const { tasker, run } = await stage(url, {
    definitions: [definition],
    secrets: read,
    ...loopback,
  })
  const task = await run((await tasker.tasks.create(definition, { context: {} })).taskId)
  expect(task).toMatchObject({ state: 'complete', steps: [{ attempts: 2 }] })
  const other = await run((await tasker.tasks.create(definition, { context: {} })).taskId)
  expect(other).toMatchObject({
    state: 'error',
    steps: [{ attempts: 1, error: { code: 'SECRET_NOT_SET' } }],
  })
  expect(system.asked).toHaveLength(1)
})
