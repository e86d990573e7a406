// Ways around the rules that look like the rules: other methods and other transports. Each is as closed as the front door.
import { defineTask } from '@tasker/engine'
import type { Question, Scope } from '@tasker/server'
import { describe, expect, it } from 'vitest'
import { as, ask, byHeader, codesOf } from '../support/graphql.ts'
import { here, servedForFile } from '../support/served.ts'

const greet = defineTask({ name: 'greet', namespace: 'demo' }).step('hello', async () => 'hello')

const served = servedForFile(() => ({
  definitions: [greet],
  auth: {
    ...byHeader,
    authorizationCoordinator: {
      ...byHeader.authorizationCoordinator,
      scope: ({ caller }: Question): Scope | null =>
        caller?.id === 'ana' ? { initiator: 'ana', namespaces: ['demo'] } : null,
    },
  },
}))

const admin = as({ id: 'root', isAdmin: true })

async function makeTask(): Promise<string> {
  const { taskId } = await served.tasker.tasks.create(greet, { context: {} })
  return taskId
}

describe('a request with HEAD', () => {
  const head = (query: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
    served.server.fetch(
      new Request(`http://localhost/tasker/graphql?query=${encodeURIComponent(query)}`, {
        method: 'HEAD',
        headers: { ...admin.headers, ...headers },
      }),
      here,
    )

  it('makes no mutation', async () => {
    const taskId = await makeTask()
    const answered = await head(
      `mutation { cancelTask(input: { taskId: "${taskId}" }) { isChanged } }`,
    )
    expect(answered.status).toBe(405)
    expect((await served.tasker.tasks.get(taskId)).state).toBe('pending')
  })

  it('opens no subscription', async () => {
    const answered = await head('subscription { events { event } }', {
      accept: 'text/event-stream',
    })
    expect(answered.headers.get('content-type')).toContain('text/event-stream')
    expect(served.server.streamCount).toBe(0)
  })
})
