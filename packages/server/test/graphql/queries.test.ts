// What a GraphQL client asks and changes: every query and mutation of the first generation under its corrected types, and
// refusals as values.
import { defineTask, PermanentError, type JsonObject } from '@tasker/engine'
import { beforeAll, describe, expect, it } from 'vitest'
import { ask, codesOf } from '../support/graphql.ts'
import { servedForFile } from '../support/served.ts'

const order = defineTask({ name: 'order', namespace: 'shop', version: '1.2.0' })
  .step('load', async () => ({ total: 7 }))
  .step('charge', { dependsOn: ['load'], retry: { limit: 1 } }, async ({ context }) => {
    if ('fails' in context) throw new PermanentError('card 4711 refused')
    return 'charged'
  })
  .step('pack', { dependsOn: ['load'], skippable: true }, async () => 'packed')
  .step('send', { dependsOn: ['charge', 'pack'] }, async () => 'sent')
  .annotate(async () => [{ type: 'customer', annotation: { id: 7, name: 'Ada' } }])

const served = servedForFile(() => ({ definitions: [order] }))
const made = { whole: '', failed: '', waiting: '' }

beforeAll(async () => {
  const { tasks, worker } = served.tasker
  await worker.start()
  const create = async (context: JsonObject) =>
    (await tasks.create(order, { context, tags: ['a'] })).taskId
  made.whole = await create({ customer: { id: 7 } })
  made.failed = await create({ fails: true })
  await tasks.waitFor(made.whole)
  await tasks.waitFor(made.failed)
  await worker.stop()
  made.waiting = await create({ late: true })
})

describe('a task', () => {
  it('is shown with its context, its address, its steps and their neighbours', async () => {
    const query = `query ($id: ID!) {
      task(taskId: $id) {
        name namespace version fullName status context tags priority
        execution { totalSteps completedSteps completionPercentage healthStatus }
        annotations { type annotation }
        workflowSteps { totalCount nodes {
          name status results attempts isRootStep isLeafStep parentCount childCount
          parents { name } children { name } siblings { name } task { taskId }
        } }
      }
    }`
    const { data, errors } = await ask(served, query, { variables: { id: made.whole } })
    expect(errors).toEqual([])
    expect(data).toMatchObject({
      task: {
        name: 'order',
        namespace: 'shop',
        version: '1.2.0',
        fullName: 'shop.order@1.2.0',
        status: 'COMPLETE',
        context: { customer: { id: 7 } },
        tags: ['a'],
        priority: 'NORMAL',
        execution: { totalSteps: 4, completedSteps: 4, completionPercentage: 100 },
        annotations: [{ type: 'customer', annotation: { id: 7, name: 'Ada' } }],
        workflowSteps: {
          totalCount: 4,
          nodes: [
            { name: 'load', results: { total: 7 }, isRootStep: true, siblings: [] },
            {
              name: 'charge',
              status: 'COMPLETE',
              results: 'charged',
              attempts: 1,
              parents: [{ name: 'load' }],
              children: [{ name: 'send' }],
              siblings: [{ name: 'pack' }],
              task: { taskId: made.whole },
            },
            { name: 'pack' },
            { name: 'send', isLeafStep: true, parentCount: 2, parents: [{}, {}] },
          ],
        },
      },
    })
  })

  it('that there is not is null, and so is a step', async () => {
    const query = `query ($id: ID!, $known: ID!) {
      task(taskId: $id) { name }
      garbled: task(taskId: "7") { name }
      step(taskId: $known, step: "nothing") { name }
      byName: step(taskId: $known, step: "charge") { stepNo error }
      byNumber: step(taskId: $known, step: 2) { name }
      taskWhy(taskId: $id) { summary }
    }`
    const id = '0198f3f0-7c1e-7000-8000-0123456789ab'
    const { data, errors } = await ask(served, query, { variables: { id, known: made.failed } })
    expect(errors).toEqual([])
    expect(data).toMatchObject({
      task: null,
      garbled: null,
      step: null,
      byName: { stepNo: 2, error: { message: 'card 4711 refused' } },
      byNumber: { name: 'charge' },
      taskWhy: null,
    })
  })

  it('says why it does not go on, what happened to it, and what it looks like', async () => {
    const query = `query ($id: ID!) {
      taskWhy(taskId: $id) { summary totalSteps remedies { command } steps { nodes { step reason explanation } } }
      taskTimeline(taskId: $id) { entries(first: 2) { totalCount nodes { kind actor step } pageInfo { hasNextPage endCursor } } }
      taskGraph(taskId: $id)
      taskAnalysis(taskId: $id)
    }`
    const { data, errors } = await ask(served, query, { variables: { id: made.failed } })
    expect(errors).toEqual([])
    expect(data).toMatchObject({
      taskWhy: {
        totalSteps: 4,
        steps: { nodes: [{ step: 'charge', reason: 'exhausted' }, { step: 'send' }] },
      },
      taskTimeline: {
        entries: { nodes: [{ kind: 'created' }, {}], pageInfo: { hasNextPage: true } },
      },
      taskAnalysis: { taskId: made.failed },
    })
    expect(data?.['taskGraph']).toContain('charge')
  })
})

describe('lists', () => {
  it('come in pages, newest first, counted when that is asked for', async () => {
    const query = `query ($after: ID) {
      tasks(first: 2, after: $after, filter: { namespace: "shop" }) {
        totalCount isTotalCountCapped nodes { taskId } edges { cursor }
        pageInfo { hasNextPage hasPreviousPage endCursor }
      }
    }`
    const first = await ask(served, query)
    expect(first.data).toMatchObject({
      tasks: {
        totalCount: 3,
        isTotalCountCapped: false,
        nodes: [{ taskId: made.waiting }, { taskId: made.failed }],
        pageInfo: { hasNextPage: true, hasPreviousPage: false, endCursor: made.failed },
      },
    })
    const last = await ask(served, query, { variables: { after: made.failed } })
    expect(last.data).toMatchObject({
      tasks: { nodes: [{ taskId: made.whole }], pageInfo: { hasNextPage: false } },
    })
  })

  it('are narrowed by status, by one annotation, and by what a context contains', async () => {
    const query = `{
      tasksByStatus(status: ERROR) { nodes { taskId } }
      tasksByAnnotation(annotationType: "customer", annotationKey: "id", annotationValue: 7) { nodes { taskId } }
      other: tasksByAnnotation(annotationType: "customer", annotationKey: "id", annotationValue: 8) { nodes { taskId } }
      tasks(filter: { contextContains: { customer: { id: 7 } }, createdFrom: "2020-01-01T00:00:00Z" }, order: OLDEST_FIRST) { nodes { taskId } }
    }`
    const { data, errors } = await ask(served, query)
    expect(errors).toEqual([])
    expect(data).toEqual({
      tasksByStatus: { nodes: [{ taskId: made.failed }] },
      tasksByAnnotation: { nodes: [{ taskId: made.whole }] },
      other: { nodes: [] },
      tasks: { nodes: [{ taskId: made.whole }] },
    })
  })

  it('refuse what they cannot mean, each with the code of the table', async () => {
    const query = `{
      long: tasks(first: 101) { nodes { taskId } }
      lost: tasks(after: "7") { nodes { taskId } }
      step: taskTimeline(taskId: "${made.whole}") { entries(after: "x") { nodes { seq } } }
    }`
    const answer = await ask(served, query)
    expect(codesOf(answer)).toEqual(['REQUEST_INVALID', 'TASK_NOT_FOUND', 'REQUEST_INVALID'])
    expect(answer.errors[0]?.extensions).toMatchObject({
      faults: [{ path: 'first' }],
      instance: answer.headers.get('x-correlation-id'),
    })
    const sloppy = await ask(
      served,
      '{ tasks(filter: { createdFrom: "yesterday" }) { nodes { taskId } } }',
    )
    expect(codesOf(sloppy)).toEqual(['GRAPHQL_INVALID'])
  })

  it('of everything else: definitions, namespaces, workers, health and figures', async () => {
    const query = `{
      definitions(namespace: "shop") { latest versions { version isUnserved } }
      definition(namespace: "shop", name: "order") { fullName steps { name dependsOn level } }
      none: definition(name: "nothing") { version }
      annotationTypes { type namespaces }
      namespaces { name isHeld }
      workers { host slots }
      health { tasks exhaustedErrors }
      analytics(namespace: "shop") { tasks completeTasks }
      slowestTasks(first: 1) { taskId }
      slowestSteps(first: 1) { step }
    }`
    const { data, errors } = await ask(served, query)
    expect(errors).toEqual([])
    expect(data).toMatchObject({
      definitions: [{ latest: '1.2.0', versions: [{ version: '1.2.0', isUnserved: true }] }],
      definition: {
        fullName: 'shop.order@1.2.0',
        steps: [{ level: 0 }, { name: 'charge', dependsOn: ['load'], level: 1 }, {}, {}],
      },
      none: null,
      annotationTypes: [{ type: 'customer', namespaces: ['shop'] }],
      health: { tasks: { total: 3, pending: 1 }, exhaustedErrors: 1 },
      analytics: { tasks: 3, completeTasks: 1 },
      slowestTasks: [{}],
      slowestSteps: [{}],
    })
  })
})

describe('mutations', () => {
  const create = `mutation ($input: CreateTaskInput!) {
    createTask(input: $input) {
      isChanged clientMutationId userErrors { field code }
      task { taskId fullName status context initiator createdAt workflowSteps { nodes { name } } }
    }
  }`

  it('create a task once for one idempotency key, and show it whole', async () => {
    const input = {
      name: 'order',
      namespace: 'shop',
      context: { nested: { list: [1, null] } },
      idempotencyKey: 'order-1',
      clientMutationId: 'mine',
    }
    const first = await ask(served, create, { variables: { input } })
    const again = await ask(served, create, { variables: { input } })
    expect(first.data).toMatchObject({
      createTask: {
        isChanged: true,
        clientMutationId: 'mine',
        userErrors: [],
        task: { context: { nested: { list: [1, null] } }, initiator: 'unknown', status: 'PENDING' },
      },
    })
    expect(again.data).toMatchObject({ createTask: { isChanged: false, userErrors: [] } })
  })

  it('answer refusals as user errors: an unknown definition, a wrong context, a conflict, what is not there', async () => {
    const query = `mutation ($gone: ID!, $whole: ID!, $waiting: ID!) {
      unknown: createTask(input: { name: "nothing", context: {} }) { task { name } userErrors { field code } }
      garbled: createTask(input: { name: "order", namespace: "shop", context: 7, tags: [""] }) { userErrors { field code } }
      gone: cancelTask(input: { taskId: $gone, clientMutationId: "x" }) { clientMutationId userErrors { code } }
      over: cancelTask(input: { taskId: $whole }) { userErrors { code message } }
      stale: updateTask(input: { taskId: $waiting, reason: "r", expectedRevision: 99 }) { userErrors { code } }
      step: retryStep(input: { taskId: $waiting, step: "nothing" }) { step { name } userErrors { code } }
    }`
    const gone = '0198f3f0-7c1e-7000-8000-0123456789ab'
    const variables = { gone, whole: made.whole, waiting: made.waiting }
    const { data, errors } = await ask(served, query, { variables })
    expect(errors).toEqual([])
    expect(data).toMatchObject({
      unknown: { task: null, userErrors: [{ field: null, code: 'DEFINITION_NOT_FOUND' }] },
      garbled: { userErrors: [{ code: 'REQUEST_INVALID' }] },
      gone: { clientMutationId: 'x', userErrors: [{ code: 'TASK_NOT_FOUND' }] },
      over: { userErrors: [{ code: 'MOVE_NOT_ALLOWED' }] },
      stale: { userErrors: [{ code: 'REVISION_CONFLICT' }] },
      step: { step: null, userErrors: [{ code: 'STEP_NOT_FOUND' }] },
    })
  })

  it('edit, hold, resume, annotate and cancel a task and its steps, and answer what became of them', async () => {
    const query = `mutation ($id: ID!) {
      updateTask(input: { taskId: $id, reason: "audit", tags: ["b"] }) { isChanged task { reason tags } userErrors { code } }
      annotateTask(input: { taskId: $id, type: "note", annotation: { text: "x" } }) { task { annotations { type } } userErrors { code } }
      updateStep(input: { taskId: $id, step: "load", retryLimit: 22 }) { step { retryLimit } userErrors { code } }
      holdTask(input: { taskId: $id, reason: "later" }) { task { isHeld } undo userErrors { code } }
      resumeTask(input: { taskId: $id }) { task { isHeld } userErrors { code } }
      skipStep(input: { taskId: $id, step: "pack" }) { step { status } userErrors { code } }
      resolveStep(input: { taskId: $id, step: "load", result: { by: "hand" } }) { step { status results } movedSteps { step by } userErrors { code } }
      cancelStep(input: { taskId: $id, step: "charge" }) { step { status } userErrors { code } }
      ended: cancelTask(input: { taskId: $id }) { task { status } userErrors { code } }
    }`
    const { data, errors } = await ask(served, query, { variables: { id: made.waiting } })
    expect(errors).toEqual([])
    expect(data).toMatchObject({
      updateTask: { isChanged: true, task: { reason: 'audit', tags: ['b'] } },
      annotateTask: { task: { annotations: [{ type: 'note' }] }, userErrors: [] },
      updateStep: { step: { retryLimit: 22 } },
      holdTask: { task: { isHeld: true } },
      resumeTask: { task: { isHeld: false } },
      skipStep: { step: { status: 'SKIPPED' } },
      resolveStep: { step: { status: 'RESOLVED_MANUALLY', results: { by: 'hand' } } },
      cancelStep: { step: { status: 'CANCELLED' } },
      ended: { task: null, userErrors: [{ code: 'MOVE_NOT_ALLOWED' }] },
    })
  })

  it('do part of an ended task again, and act on all that match a filter, first without changing anything', async () => {
    const query = `mutation ($id: ID!) {
      rerunTask(input: { taskId: $id }) { task { rerunOf status } userErrors { code } }
      trial: cancelTasks(input: { filter: { status: [PENDING] }, dryRun: true }) { report { dryRun changed } userErrors { code } }
      cancelTasks(input: { filter: { status: [PENDING] } }) { report { dryRun changed changedTaskIds } userErrors { code } }
      everything: cancelTasks(input: { filter: {} }) { report { changed } userErrors { code } }
      holdNamespace(input: { namespace: "shop" }) { isChanged userErrors { code } }
      resumeNamespace(input: { namespace: "shop" }) { isChanged userErrors { code } }
    }`
    const { data, errors } = await ask(served, query, { variables: { id: made.failed } })
    expect(errors).toEqual([])
    expect(data).toMatchObject({
      rerunTask: { task: { rerunOf: made.failed, status: 'PENDING' } },
      trial: { report: { dryRun: true, changed: 2 } },
      cancelTasks: { report: { dryRun: false, changed: 2 } },
      everything: { report: null, userErrors: [{ code: 'REQUEST_INVALID' }] },
      holdNamespace: { isChanged: true },
      resumeNamespace: { isChanged: true },
    })
  })
})
