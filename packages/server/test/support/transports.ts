// The ways to ask for an operation: each says how the server answered one caller, so that the matrix test can compare them.
import type { Operation } from '@tasker/server'
import type { Guarded } from './guarded.ts'
import { here } from './served.ts'

/** `allowed`: whatever came of it otherwise. */
export type Verdict = 'allowed' | 'forbidden' | 'unauthenticated'

export interface Transport {
  readonly name: string
  /** Null: the operation cannot be asked for in this way. */
  ask(operation: Operation, asked: Asked): Promise<Verdict | null>
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
    if (answer.status === 401) return 'unauthenticated'
    return answer.status === 403 ? 'forbidden' : 'allowed'
  },
}

export const transports: readonly Transport[] = [rest]
