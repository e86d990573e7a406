// The ways to ask for an operation: each says how the server answered one caller, so that the matrix test can compare them.
import type { Operation } from '@tasker/server'
import type { Guarded } from './guarded.ts'
import { here } from './served.ts'

/** `allowed`: whatever came of it otherwise. */
export type Verdict = 'allowed' | 'forbidden' | 'unauthenticated'

export interface Transport {
  readonly name: string
  /** Null: the operation cannot be asked for in this way. */
  readonly ask: (operation: Operation, asked: Asked) => Promise<Verdict | null>
}

export interface Asked {
  readonly served: Guarded
  /** Null: without credentials. */
  readonly user: string | null
  /** Of a task and a step that exist. */
  readonly taskId: string
  readonly step: string
}

const rest: Transport = {
  name: 'REST',
  async ask({ method, path }, { served, user, taskId, step }) {
    const below = path
      .replace('{task_id}', taskId)
      .replace('{step}', step)
      .replaceAll(/\{\w+\}/g, 'none')
    const hasBody = method !== 'get'
    const request = new Request(`http://localhost/tasker${below}`, {
      method: method.toUpperCase(),
      headers: {
        ...(user === null ? {} : { 'x-user': user }),
        ...(hasBody ? { 'content-type': 'application/json' } : {}),
      },
      ...(hasBody ? { body: '{"dry_run":true}' } : {}),
    })
    const answer = await served.server.fetch(request, here)
    await answer.body?.cancel() // of a stream, there would be no end
    if (answer.status === 429) throw new Error('a limit answered, and nobody decided')
    if (answer.status === 401) return 'unauthenticated'
    return answer.status === 403 ? 'forbidden' : 'allowed'
  },
}

/** The same operation in GraphQL, by its name over REST. What a mutation is about is not there, so that nothing is changed. */
const documents: Readonly<Record<string, string>> = {
  listTasks: '{ tasks { nodes { taskId } } }',
  getTask: 'query ($id: ID!) { task(taskId: $id) { name } }',
  getWorkflowStep: 'query ($id: ID!, $step: ID!) { step(taskId: $id, step: $step) { name } }',
  explainTask: 'query ($id: ID!) { taskWhy(taskId: $id) { rootCause } }',
  getTaskTimeline: 'query ($id: ID!) { taskTimeline(taskId: $id) { status } }',
  getTaskGraph: 'query ($id: ID!) { taskGraph(taskId: $id) }',
  analyseTask: 'query ($id: ID!) { taskAnalysis(taskId: $id) }',
  listHandlers: '{ definitions { name } }',
  listNamespaces: '{ namespaces { name } }',
  listWorkers: '{ workers { host } }',
  getHealthStatus: '{ health { tasks } }',
  getPerformanceAnalytics: '{ analytics { tasks } }',
  getBottleneckAnalysis: '{ slowestTasks { taskId } }',
  createTask: mutation('createTask', 'name: "none", context: {}'),
  updateTask: mutation('updateTask', 'taskId: "none", tags: []'),
  annotateTask: mutation('annotateTask', 'taskId: "none", type: "a", annotation: {}'),
  updateWorkflowStep: mutation('updateStep', 'taskId: "none", step: "none", retryLimit: 1'),
  ...Object.fromEntries(
    ['cancel', 'retry', 'wake', 'resolve', 'hold', 'resume', 'rerun'].map((action) => [
      `${action}Task`,
      mutation(`${action}Task`, 'taskId: "none"'),
    ]),
  ),
  ...Object.fromEntries(
    ['cancel', 'retry', 'wake', 'resolve', 'skip'].map((action) => [
      `${action}WorkflowStep`,
      mutation(`${action}Step`, 'taskId: "none", step: "none"'),
    ]),
  ),
  holdNamespace: mutation('holdNamespace', 'namespace: "none"'),
  resumeNamespace: mutation('resumeNamespace', 'namespace: "none"'),
}

function mutation(name: string, input: string): string {
  return `mutation { ${name}(input: { ${input} }) { userErrors { code } } }`
}

const graphql: Transport = {
  name: 'GraphQL',
  async ask({ id }, { served, user, taskId, step }) {
    const query = documents[id]
    if (query === undefined) return null
    const variables = query.includes('$id') ? { id: taskId, step } : {}
    const { status, body } = await served.as(user, 'POST', '/graphql', {
      body: { query, variables },
    })
    if (status === 401) return 'unauthenticated'
    return JSON.stringify(body).includes('"FORBIDDEN"') ? 'forbidden' : 'allowed'
  },
}

export const transports: readonly Transport[] = [rest, graphql]
