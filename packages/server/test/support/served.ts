// A Tasker on a database of its own and its server, for all tests of a file: `call` sends a request as from this machine.
import { createTasker, type Tasker, type TaskerOptions } from '@tasker/engine'
import { createServer, type Peer, type TaskerServer } from '@tasker/server'
import { afterAll, beforeAll } from 'vitest'
import { databaseForFile } from '../../../engine/test/support/database.ts'

export const here: Peer = { address: '127.0.0.1' }

export interface Answered {
  readonly status: number
  readonly headers: Headers
  /** Of JSON, its value; of anything else, the text. */
  readonly body: unknown
}

export interface CallOptions {
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly peer?: Peer
}

export interface Served {
  readonly tasker: Tasker
  readonly server: TaskerServer
  /** `call('GET', '/tasks?limit=2')`: below the prefix. */
  call(method: string, path: string, options?: CallOptions): Promise<Answered>
}

/** Made before the first test of the file and closed after the last. Read it inside tests, not before. */
export function servedForFile(options: () => TaskerOptions = () => ({})): Served {
  const database = databaseForFile()
  let made: { readonly tasker: Tasker; readonly server: TaskerServer } | null = null
  const parts = (): { readonly tasker: Tasker; readonly server: TaskerServer } => {
    if (made === null) throw new Error('read inside tests')
    return made
  }
  beforeAll(async () => {
    const tasker = await createTasker({ database: { url: database.url }, ...options() })
    made = { tasker, server: createServer(tasker) }
  })
  afterAll(async () => {
    await made?.server.close()
    await made?.tasker.close()
  })
  return {
    get tasker() {
      return parts().tasker
    },
    get server() {
      return parts().server
    },
    call: (method, path, given) => send(parts().server, method, path, given),
  }
}

export async function send(
  server: TaskerServer,
  method: string,
  path: string,
  { body, headers = {}, peer = here }: CallOptions = {},
): Promise<Answered> {
  const request = new Request(`http://localhost/tasker${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const answer = await server.fetch(request, peer)
  const text = await answer.text()
  const isJson = answer.headers.get('content-type')?.includes('json') === true
  return {
    status: answer.status,
    headers: answer.headers,
    body: isJson ? (JSON.parse(text) as unknown) : text,
  }
}
