// What a hostile document may cost (W-17): it is refused after so much work and no more, whatever its size; and each option of
// `server.graphql` has its effect. Work is counted: signs read, fragments measured, statements made.
import { createTasker, type TaskerOptions } from '@tasker/engine'
import { createServer } from '@tasker/server'
import { buildSchema, type OperationDefinitionNode } from 'graphql'
import { describe, expect, it, onTestFinished } from 'vitest'
import { costOf } from '../../src/graphql/cost.ts'
import { fragmentsOf, readDocument, scan } from '../../src/graphql/document.ts'
import { ask, codesOf, type GraphqlAnswer } from '../support/graphql.ts'
import { send, servedForFile, type Served } from '../support/served.ts'

const served = servedForFile()

const refusalOf = ({ errors }: GraphqlAnswer): readonly string[] =>
  errors.map(({ message, extensions: { code } }) => `${code} ${message}`)

const refused = async (query: string, variables: object = {}): Promise<string | undefined> =>
  refusalOf(await ask(served, query, { variables: { ...variables } }))[0]

const over = (max: number, what: string, option: string): string =>
  `GRAPHQL_LIMIT_EXCEEDED The document has more than ${max} ${what} (server.graphql.${option}).`

/** A document of `levels`, each of them in the one before. */
const nested = (levels: number, open = 'parents {', close = '}'): string =>
  `{ step(taskId: "1", step: "1") { ${open.repeat(levels)} name ${close.repeat(levels)} } }`

describe('a document is refused', () => {
  it('for its length, before a sign of it is read', async () => {
    const long = `{ a }#${'x'.repeat(70_000)}`
    expect(await refused(long)).toBe(over(65_536, 'bytes', 'documentMaxBytes'))
  })

  it('for its depth: 20,000 levels end at the same sign as 40', async () => {
    const limits = { tokensMax: 100_000, depthMax: 12 }
    expect(() => scan(nested(20_000, '{'), limits)).toThrow('more than 36 levels')
    expect(() => scan(`{ a(b: ${'['.repeat(20_000)}`, limits)).toThrow('more than 36 levels')
    // Whatever is nested: selections without a name, lists, objects.
    for (const open of ['parents {', 'parents(first: {a: [', '... on WorkflowStep {'])
      expect(await refused(nested(900, open))).toContain('GRAPHQL_LIMIT_EXCEEDED')
    expect(await refused(nested(12))).toBe(over(12, 'levels of fields', 'depthMax'))
  })

  it('for its aliases, its signs and its directives', async () => {
    const aliases = (count: number): string =>
      Array.from({ length: count }, (_, index) => `a${index}: __typename`).join(' ')
    expect(await refused(`{ ${aliases(10_000)} }`)).toBe(over(65_536, 'bytes', 'documentMaxBytes'))
    expect(await refused(`{ ${aliases(1_000)} }`)).toBe(over(2_000, 'tokens', 'tokensMax'))
    expect(await refused(`{ ${aliases(31)} }`)).toBe(over(30, 'aliases', 'aliasesMax'))
    const directives = '@include(if: true) '.repeat(51)
    expect(await refused(`{ __typename ${directives} }`)).toBe(
      over(50, 'directives', 'directivesMax'),
    )
  })

  it('for what it costs: lists in lists multiply, by fragments and variables too', async () => {
    const page = 'nodes { workflowSteps(first: 100) { nodes { parents(first: 100) { name } } } }'
    const max = over(50_000, 'cost', 'costMax')
    expect(await refused(`{ tasks(first: 100) { ${page} } }`)).toBe(max)
    expect(await refused(`query ($n: Int!) { tasks(first: $n) { ${page} } }`, { n: 100 })).toBe(max)
    expect(await refused(`query ($n: Int! = 100) { tasks(first: $n) { ${page} } }`)).toBe(max)
    const spread = `{ tasks(first: 100) { ...Page } } fragment Page on TaskConnection { ${page} }`
    expect(await refused(spread)).toBe(max)
    const payload = `mutation { createTask(input: { name: "a", context: {} }) { ... on ChangePayload { task { ... on Task {
      workflowSteps(first: 100) { nodes { parents(first: 100) { children(first: 100) { name } } } } } } } } }`
    expect(await refused(payload)).toBe(max)
  })

  it('for fragments that lead to themselves, and for names, values and types that are none', async () => {
    const invalid = [
      '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }',
      '{ ...A } fragment A on Query { tasks { nodes { workflowSteps { nodes { ...B } } } } } fragment B on WorkflowStep { parents { ...B } }',
      '{ nothing }',
      '{ tasks(first: "many") { totalCount } }',
      '{ tasks(',
      '',
      'type Query { a: Int }',
      'query A { __typename } query B { __typename }',
    ]
    for (const query of invalid) expect(await refused(query)).toMatch(/^GRAPHQL_INVALID /)
  })

  it('as one of several in a batch, which is none', async () => {
    const body = [{ query: '{ __typename }' }, { query: '{ __typename }' }]
    const batch = await served.call('POST', '/graphql', { body })
    expect(batch.body).toMatchObject({ status: 422, code: 'REQUEST_INVALID' })
  })
})

describe('what is read of a document', () => {
  it('grows with its length, not with the ways through its fragments', () => {
    // Each fragment is spread twice in the one before: 2^40 ways.
    const levels = 40
    const fragments = Array.from(
      { length: levels },
      (_, index) => `fragment F${index} on Query { ...F${index + 1} ... { ...F${index + 1} } }`,
    )
    const query = `{ ...F0 } ${fragments.join(' ')} fragment F${levels} on Query { __typename }`
    const limits = { ...served.tasker.config.server.graphql, depthMax: 12 }
    const document = readDocument(query, limits)
    const counted = new Map<string, number>()
    const known = fragmentsOf(document)
    const counting = new Map(known)
    counting.get = (name) => {
      counted.set(name, (counted.get(name) ?? 0) + 1)
      return known.get(name)
    }
    const [operation] = document.definitions as readonly OperationDefinitionNode[]
    if (operation === undefined) throw new Error('no operation')
    const schema = buildSchema('type Query { a: Int }')
    costOf({ schema, operation, fragments: counting, variables: {} })
    expect([...counted.values()].every((times) => times === 1)).toBe(true)
    expect(counted.size).toBe(levels + 1)
  })

  it('are values of any depth in variables, and a huge literal, without more than being passed on', async () => {
    const create = `mutation ($context: JSON!) { createTask(input: { name: "none", context: $context }) { userErrors { code } } }`
    const depth = 100_000
    const deep = `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
    const body = `{"query":${JSON.stringify(create)},"variables":{"context":${deep}}}`
    const answer = await served.call('POST', '/graphql', { body })
    expect(answer.body).toEqual({
      data: { createTask: { userErrors: [{ code: 'DEFINITION_NOT_FOUND' }] } },
    })
    const huge = `{ task(taskId: "${'7'.repeat(60_000)}") { name } }`
    expect((await ask(served, huge)).data).toEqual({ task: null })
    const block = `{ task(taskId: """${'\n x'.repeat(20_000)}""") { name } }`
    expect((await ask(served, block)).data).toEqual({ task: null })
  })
})

describe('over HTTP', () => {
  it('a refusal before execution has the status 400 for who accepts the answers of GraphQL, and 200 for others', async () => {
    const graphql = { accept: 'application/graphql-response+json, application/json;q=0.9' }
    const told = await ask(served, '{ nothing }', { headers: graphql })
    const plain = await ask(served, '{ nothing }')
    expect([told.status, plain.status]).toEqual([400, 200])
    expect(told.headers.get('content-type')).toBe('application/graphql-response+json')
    expect([told.data, plain.data]).toEqual([undefined, undefined])
    const fine = await ask(served, '{ __typename }', { headers: graphql })
    expect([fine.status, fine.data]).toEqual([200, { __typename: 'Query' }])
    const missing = 'query ($id: ID!) { task(taskId: $id) { name } }'
    const without = await ask(served, missing, { headers: graphql })
    expect([without.status, codesOf(without)]).toEqual([400, ['GRAPHQL_INVALID']])
  })

  it('queries may come with GET, with variables as JSON; mutations may not, nor as a form or as text', async () => {
    const url = (query: string, variables = '{}'): string =>
      `/graphql?${new URLSearchParams({ query, variables }).toString()}`
    const list = await served.call(
      'GET',
      url('query ($n: Int!) { tasks(first: $n) { totalCount } }', '{"n":1}'),
    )
    expect(list.body).toEqual({ data: { tasks: { totalCount: 0 } } })
    const change = await served.call(
      'GET',
      url('mutation { holdNamespace(input: { namespace: "a" }) { isChanged } }'),
    )
    expect([change.status, change.headers.get('allow')]).toEqual([405, 'POST'])
    for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data']) {
      const body = JSON.stringify({ query: '{ __typename }' })
      const form = await served.call('POST', '/graphql', {
        body,
        headers: { 'content-type': type },
      })
      expect(form.body).toMatchObject({ status: 415, code: 'MEDIA_TYPE_UNSUPPORTED' })
    }
    const garbled = await served.call('GET', url('{ __typename }', '[]'))
    expect(garbled.body).toMatchObject({ status: 422 })
  })

  it('what fails inside is told by a code and the id in the logs, and by nothing else', async () => {
    const broken = { ...served.tasker, workers: () => Promise.reject(new Error('secret 4711')) }
    const server = createServer(broken)
    const answer = await ask(
      { call: (method, path, options) => send(server, method, path, options) },
      '{ workers { host } }',
    )
    expect(answer.data).toEqual({ workers: null })
    expect(answer.errors).toEqual([
      {
        message: 'The server could not do this. Its logs say why, under the id in `instance`.',
        path: ['workers'],
        locations: [{ line: 1, column: 3 }],
        extensions: {
          code: 'INTERNAL',
          remedy: expect.any(String) as string,
          instance: answer.headers.get('x-correlation-id'),
        },
      },
    ])
  })
})

describe('the options', () => {
  const withOptions = async (
    graphql: NonNullable<TaskerOptions['server']>['graphql'],
  ): Promise<Pick<Served, 'call'>> => {
    const tasker = await createTasker({
      database: { url: served.tasker.database.url, migrate: 'off' },
      server: { graphql },
    })
    const server = createServer(tasker)
    onTestFinished(async () => tasker.close())
    return { call: (method, path, options) => send(server, method, path, options) }
  }

  it('let tools ask for the schema, and serve a page that loads nothing from elsewhere', async () => {
    const open = await withOptions({ introspection: true, playground: true })
    const asked = await ask(
      open,
      '{ __schema { queryType { name } } __type(name: "Task") { name } }',
    )
    expect(asked.data).toEqual({
      __schema: { queryType: { name: 'Query' } },
      __type: { name: 'Task' },
    })
    const page = await open.call('GET', '/graphql/playground')
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(page.body).not.toMatch(/https?:/)
    expect((await served.call('GET', '/graphql/playground')).status).toBe(404)
    const deep = `{ __schema { types { ${'fields { type { '.repeat(4)} name ${'} }'.repeat(4)} } } }`
    expect(codesOf(await ask(open, deep))).toEqual(['GRAPHQL_INVALID'])
  })

  it('move each limit', async () => {
    const small = await withOptions({
      documentMaxBytes: 1_024,
      tokensMax: 100,
      depthMax: 3,
      aliasesMax: 1,
      directivesMax: 1,
      costMax: 100,
    })
    const limited = async (query: string): Promise<string | undefined> => {
      const [refusal] = refusalOf(await ask(small, query))
      return /server\.graphql\.(\w+)/.exec(refusal ?? '')?.[1]
    }
    expect(await limited(`{ __typename }${' '.repeat(1_024)}`)).toBe('documentMaxBytes')
    expect(await limited(`{ ${'a '.repeat(99)} }`)).toBe('tokensMax')
    expect(await limited('{ tasks { nodes { workflowSteps { totalCount } } } }')).toBe('depthMax')
    expect(await limited('{ a: __typename b: __typename }')).toBe('aliasesMax')
    expect(await limited('{ __typename @skip(if: false) @include(if: true) }')).toBe(
      'directivesMax',
    )
    expect(await limited('{ tasks(first: 100) { nodes { name } } }')).toBe('costMax')
    expect(await limited('{ a: __typename tasks(first: 2) { nodes { name } } }')).toBeUndefined()
  })
})
