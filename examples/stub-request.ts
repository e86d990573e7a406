// How a stub system reads a request: the parts of its path, and its body.
import type { IncomingMessage } from 'node:http'
import type { Json } from '@tasker/engine'

export const json = 'application/json'

/** `/charges/:id` and `/charges/7` → `{ id: '7' }`; null where they do not match. */
export function matchPath(pattern: string, path: string): Readonly<Record<string, string>> | null {
  const wanted = pattern.split('/')
  const parts = path.split('/')
  if (wanted.length !== parts.length) return null
  const params: Record<string, string> = {}
  for (const [index, want] of wanted.entries()) {
    const part = decodeURIComponent(parts[index] ?? '')
    if (want.startsWith(':')) params[want.slice(1)] = part
    else if (want !== part) return null
  }
  return params
}

export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array)) // no encoding is set
  return Buffer.concat(chunks).toString('utf8')
}

export function parseBody(text: string, type: string | undefined): Json {
  if (text === '') return null
  return type?.startsWith(json) === true ? (JSON.parse(text) as Json) : text // JSON parses to Json
}
