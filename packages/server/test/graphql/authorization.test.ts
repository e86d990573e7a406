// Who may see and change what over GraphQL: each field by its own permission, whatever form the document has (W-02, W-03, W-05,
// D5), and in how many statements all of it is read.
import { defineTask } from '@tasker/engine'
import { defineShape } from '@tasker/engine/testing'
import { graphqlPermissions, type Caller, type Permission } from '@tasker/server'
import pg from 'pg'
import { beforeAll, describe, expect, it } from 'vitest'
import { as, ask, byHeader, codesOf, type GraphqlAnswer } from '../support/graphql.ts'
import { servedForFile } from '../support/served.ts'

const order = defineTask({ name: 'order', namespace: 'shop' }).step('load', async () => null)
const bill = defineTask({ name: 'bill', namespace: 'billing' }).step('charge', async () => null)
const middle = Array.from({ length: 8 }, (_, index) => `part_${index}`)
/** Ten steps: one, eight that wait for it, one that waits for those. */
const fan = defineShape({
  namespace: 'fans',
  name: 'fan',
  version: '1.0.0',
  steps: [
    { name: 'first', dependsOn: [] },
    ...middle.map((name) => ({ name, dependsOn: ['first'] })),
    { name: 'last', dependsOn: middle },
  ],
})

const served = servedForFile(() => ({ definitions: [order, bill, fan], auth: byHeader }))
const made = { order: '', bill: '' }

const caller = (...permissions: readonly Permission[]): Caller => ({ id: 'ada', permissions })
const nobody = caller()
const reader = caller('tasker.task:index', 'tasker.task:show')
const shopkeeper: Caller = { id: 'sam', isAdmin: false, namespaces: ['shop'], permissions: [] }
const all = (namespaces: readonly string[]): Caller => ({
  ...shopkeeper,
  namespaces,
  permissions: [...new Set([...graphqlPermissions().values()].filter((one) => one !== null))],
})

beforeAll(async () => {
  const { tasks } = served.tasker
  made.order = (await tasks.create(order, { context: { card: 4711 } })).taskId
  made.bill = (await tasks.create(bill, { context: {} })).taskId
})

const countTasks = async (): Promise<number> => (await served.tasker.tasks.count()).count

describe('every field that leads to a resource', () => {
  it('names its permission, and the operations of the first generation those that REST asks for', () => {
    const permissions = graphqlPermissions()
    const roots = [...permissions].filter(([name]) => /^(Query|Mutation|Subscription)\./.test(name))
    expect(roots.filter(([, permission]) => permission === null)).toEqual([])
    expect(Object.fromEntries(roots)).toMatchObject({
      'Query.tasks': 'tasker.task:index',
      'Query.tasksByStatus': 'tasker.task:index',
      'Query.tasksByAnnotation': 'tasker.task:index',
      'Query.task': 'tasker.task:show',
      'Query.step': 'tasker.workflow_step:show',
      'Mutation.createTask': 'tasker.task:create',
      'Mutation.updateTask': 'tasker.task:update',
      'Mutation.cancelTask': 'tasker.task:cancel',
      'Mutation.updateStep': 'tasker.workflow_step:update',
      'Mutation.cancelStep': 'tasker.workflow_step:cancel',
    })
  })

  it('is null with an error where it is nested and not allowed; the rest is answered (D5)', async () => {
    const query = `{ tasks(filter: { namespace: "shop" }) { nodes {
      name context
      workflowSteps { nodes { name } }
      annotations { type }
    } } }`
    const answer = await ask(served, query, as(caller('tasker.task:index')))
    expect(answer.data).toEqual({
      tasks: { nodes: [{ name: 'order', context: null, workflowSteps: null, annotations: null }] },
    })
    expect(answer.errors.map(({ path, extensions: { code } }) => [path?.join('.'), code])).toEqual([
      ['tasks.nodes.0.context', 'FORBIDDEN'],
      ['tasks.nodes.0.workflowSteps', 'FORBIDDEN'],
      ['tasks.nodes.0.annotations', 'FORBIDDEN'],
    ])
  })

  it('shows payloads to whom they are for, and lets nobody else find out about them by a filter', async () => {
    const query = `query ($id: ID!) {
      task(taskId: $id) { context workflowSteps { nodes { name results inputs error } } }
      tasks(filter: { contextContains: { card: 4711 } }) { nodes { taskId } }
    }`
    const variables = { id: made.order }
    const steps = caller(...(reader.permissions as Permission[]), 'tasker.workflow_step:index')
    const blind = await ask(served, query, { variables, ...as(steps) })
    expect(blind.data).toEqual({
      task: {
        context: null,
        workflowSteps: { nodes: [{ name: 'load', results: null, inputs: null, error: null }] },
      },
      tasks: null,
    })
    expect(new Set(codesOf(blind))).toEqual(new Set(['FORBIDDEN']))
    const seeing = await ask(served, query, { variables, ...as({ id: 'root', isAdmin: true }) })
    expect(seeing.errors).toEqual([])
    expect(seeing.data).toMatchObject({ task: { context: { card: 4711 } } })
  })
})

/** Each form that the first generation let through, or failed on. */
const forms: Readonly<Record<string, string>> = {
  plain: `{ tasks { nodes { taskId } } }`,
  'an alias': `{ mine: tasks { nodes { taskId } } }`,
  'a leaf before it': `{ __typename tasks { nodes { taskId } } }`,
  'a directive': `{ tasks @include(if: true) { nodes { taskId } } }`,
  'a comment': `{ # tasks\n tasks { nodes { taskId } } }`,
  'a parenthesis in an argument': `{ tasks(filter: { name: ") { x" }) { nodes { taskId } } }`,
  'a named fragment': `query { ...Both } fragment Both on Query { tasks { nodes { taskId } } }`,
  'an inline fragment': `{ ... on Query @skip(if: false) { tasks { nodes { taskId } } } }`,
  'a field deep inside': `{ tasks { nodes { workflowSteps { nodes { parents { task { name } } } } } } }`,
}

describe('no form of a document comes past a permission:', () => {
  it.each(Object.entries(forms))('%s', async (_, query) => {
    const answer = await ask(served, query, as(nobody))
    expect(answer.status).toBe(200)
    expect(codesOf(answer)).toEqual(['FORBIDDEN'])
    expect(Object.values(answer.data ?? {}).filter((value) => typeof value === 'object')).toEqual([
      null,
    ])
  })

  it('a second field of the root', async () => {
    const query = `query ($id: ID!) { tasks { nodes { taskId } } task(taskId: $id) { name } workers { host } }`
    const answer = await ask(served, query, {
      variables: { id: made.order },
      ...as(caller('tasker.task:show')),
    })
    expect(answer.data).toEqual({ tasks: null, task: { name: 'order' }, workers: null })
    expect(codesOf(answer)).toEqual(['FORBIDDEN', 'FORBIDDEN'])
  })

  it('another operation of the document than the first', async () => {
    const query = `query Harmless { __typename } query Meant { tasks { nodes { taskId } } }`
    const answer = await ask(served, query, { operationName: 'Meant', ...as(nobody) })
    expect([answer.data, codesOf(answer)]).toEqual([{ tasks: null }, ['FORBIDDEN']])
  })

  it('mutations, under an alias, in a fragment, or as the second of two', async () => {
    const create = `createTask(input: { name: "order", namespace: "shop", context: {} }) { task { taskId } userErrors { code } }`
    const before = await countTasks()
    const query = `mutation { a: ${create} ...More } fragment More on Mutation { b: ${create} }`
    const answer = await ask(served, query, as(reader))
    const refused = { task: null, userErrors: [{ code: 'FORBIDDEN' }] }
    expect([answer.data, answer.errors]).toEqual([{ a: refused, b: refused }, []])
    expect(await countTasks()).toBe(before)
  })

  it('and what asks for the schema, or for what there is not, is no failure of the server (W-05)', async () => {
    const codes = async (query: string): Promise<readonly string[]> =>
      codesOf(await ask(served, query, as(nobody)))
    expect(await codes('{ __schema { types { name } } }')).toEqual(['INTROSPECTION_DISABLED'])
    expect(await codes('{ node(id: "1") { id } }')).toEqual(['GRAPHQL_INVALID'])
  })

  it('nobody who does not say who it is comes as far as that', async () => {
    const answer = await served.call('POST', '/graphql', { body: { query: '{ __typename }' } })
    expect(answer.body).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' })
  })
})

describe('a caller of one namespace', () => {
  const sam = all(['shop'])

  it('sees only what is there; a task elsewhere is none', async () => {
    const query = `query ($there: ID!, $none: ID!) {
      tasks { totalCount nodes { namespace } }
      other: tasks(filter: { namespace: "billing" }) { nodes { taskId } }
      task(taskId: $there) { name }
      step(taskId: $there, step: "charge") { name }
      taskWhy(taskId: $there) { rootCause }
      none: taskWhy(taskId: $none) { rootCause }
      namespaces { name }
      definitions { name }
      analytics { tasks }
      mine: analytics(namespace: "shop") { tasks }
    }`
    const variables = { there: made.bill, none: '0198f3f0-7c1e-7000-8000-0123456789ab' }
    const answer = await ask(served, query, { variables, ...as(sam) })
    expect(answer.data).toEqual({
      tasks: { totalCount: 1, nodes: [{ namespace: 'shop' }] },
      other: { nodes: [] },
      task: null,
      step: null,
      taskWhy: null,
      none: null,
      namespaces: [{ name: 'shop' }],
      definitions: [{ name: 'order' }],
      analytics: null,
      mine: { tasks: 1 },
    })
    expect(answer.errors.map(({ path, extensions: { code } }) => [path, code])).toEqual([
      [['analytics'], 'FORBIDDEN'],
    ])
  })

  it('changes only what is there, one by one and all that match', async () => {
    const query = `mutation ($there: ID!) {
      createTask(input: { name: "bill", namespace: "billing", context: {} }) { userErrors { code } }
      cancelTask(input: { taskId: $there }) { userErrors { code } }
      holdNamespace(input: { namespace: "billing" }) { userErrors { code } }
      holdTasks(input: { filter: { status: [PENDING] }, dryRun: true }) { report { changed matched } }
    }`
    const answer = await ask(served, query, { variables: { there: made.bill }, ...as(sam) })
    expect(answer.data).toEqual({
      createTask: { userErrors: [{ code: 'FORBIDDEN' }] },
      cancelTask: { userErrors: [{ code: 'TASK_NOT_FOUND' }] },
      holdNamespace: { userErrors: [{ code: 'FORBIDDEN' }] },
      holdTasks: { report: { changed: 1, matched: 1 } },
    })
  })
})

it('a change is written to the audit log with who made it, and so is one that was denied', async () => {
  const query = `mutation ($id: ID!) { holdTask(input: { taskId: $id, reason: "stocktaking" }) { userErrors { code } } }`
  const options = { variables: { id: made.order } }
  await ask(served, query, { ...options, ...as(reader) })
  await ask(served, query, { ...options, ...as({ id: 'root', isAdmin: true }) })
  const { entries } = await served.tasker.audit.list({ operation: 'holdTask', limit: 2 })
  const fields = { transport: 'graphql', taskId: made.order, reason: 'stocktaking' }
  expect(entries).toMatchObject([
    { ...fields, actor: 'root', outcome: 'done' },
    { ...fields, actor: 'ada', outcome: 'denied', code: 'FORBIDDEN' },
  ])
})

describe('the number of statements', () => {
  const query = `query ($first: Int!) { tasks(first: $first, filter: { namespace: "fans" }) { totalCount nodes {
    context correlationId execution { completedSteps } annotations { type }
    workflowSteps(first: 10) { nodes { name results parents(first: 8) { name children(first: 1) { name } } siblings(first: 8) { name } task { name } } }
  } } }`
  const client = (): pg.Client => new pg.Client({ connectionString: served.tasker.database.url })

  const statementsOf = async (ask: () => Promise<GraphqlAnswer>): Promise<number> => {
    await using connection = Object.assign(client(), {
      async [Symbol.asyncDispose]() {
        await connection.end()
      },
    })
    await connection.connect()
    const count = async (): Promise<number> => {
      const { rows } = await connection.query<{ calls: number }>(
        `select coalesce(sum(calls), 0)::integer as calls
         from pg_stat_statements s join pg_database d on d.oid = s.dbid
         where d.datname = current_database() and toplevel and query ~ 'tasker\\.'`,
      )
      return rows[0]?.calls ?? 0
    }
    const before = await count()
    const answer = await ask()
    expect(answer.errors).toEqual([])
    return (await count()) - before
  }

  it('is the same for 50 tasks with ten steps each and their parents as for two, whoever asks', async () => {
    const request = { definition: fan, context: { at: 'fair' } }
    await served.tasker.tasks.createMany(Array.from({ length: 50 }, () => request))
    for (const [who, most] of [
      [{ id: 'root', isAdmin: true }, 10],
      [all(['fans', 'shop']), 11], // and once the tasks, for their namespaces
    ] as const) {
      const of = (first: number) =>
        statementsOf(() => ask(served, query, { variables: { first }, ...as(who) }))
      const few = await of(2)
      expect(await of(50)).toBe(few)
      expect(few).toBeLessThanOrEqual(most)
    }
  })
})
