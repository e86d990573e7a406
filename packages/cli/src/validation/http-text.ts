// Asks another system over HTTP, with a limit on the time. Credentials of the address travel in a header, and are shown to
// nobody.
import { UsageError } from '../failure.ts'
import { Unreachable } from './checklist.ts'

export interface TextAnswer {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

/** What is asked, and who it is, for messages. */
export interface Service {
  readonly name: string
  readonly url: string
  /** What to do when it does not answer. */
  readonly remedy: string
  /** Milliseconds that it may take to answer. */
  readonly answerMs: number
  /** Sent as a bearer token, instead of the credentials of the address. */
  readonly token?: string
  /** What is wanted, as the header of HTTP. */
  readonly accept?: string
}

const bodyMaxBytes = 64 * 1024 * 1024

/** @throws {Unreachable} when nothing answers there in time */
export async function ask(
  service: Service,
  path: string,
  { query = {}, post }: { readonly query?: Query; readonly post?: unknown } = {},
): Promise<TextAnswer> {
  const asked = new URL(service.url)
  const { username, password } = asked
  asked.username = ''
  asked.password = ''
  asked.pathname = `${asked.pathname.replace(/\/+$/, '')}${path}`
  for (const [name, value] of Object.entries(query)) asked.searchParams.set(name, value)
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  const headers: Record<string, string> = {}
  if (username !== '')
    headers['authorization'] = `Basic ${Buffer.from(credentials).toString('base64')}`
  if (service.token !== undefined) headers['authorization'] = `Bearer ${service.token}`
  if (service.accept !== undefined) headers['accept'] = service.accept
  if (post !== undefined) headers['content-type'] = 'application/json'
  try {
    const response = await fetch(asked, {
      headers,
      signal: AbortSignal.timeout(service.answerMs),
      ...(post === undefined ? {} : { method: 'POST', body: JSON.stringify(post) }),
    })
    const length = Number(response.headers.get('content-length') ?? 0)
    if (length > bodyMaxBytes) throw new Error(`its answer has ${length} bytes`)
    const contentType = response.headers.get('content-type') ?? ''
    return { status: response.status, contentType, body: await response.text() }
  } catch (error) {
    const message = `${service.name} cannot be reached at ${shown(service.url)}: ${reasonOf(error)}.`
    throw new Unreachable(message, service.remedy)
  }
}

type Query = Readonly<Record<string, string>>

/** The address without the password. */
export function shown(url: string): string {
  const address = new URL(url)
  if (address.password !== '') address.password = '***'
  return address.href.replace(/\/$/, '')
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  if (cause instanceof AggregateError && cause.errors[0] instanceof Error)
    return cause.errors[0].message
  return cause instanceof Error ? cause.message : error.message
}

/** What was said, for people, where it was no success. */
export const refusal = ({ status, body }: TextAnswer): string =>
  `it answers with ${status}: ${body.trim().slice(0, 200)}`

/** @throws {UsageError} when it is no address of HTTP */
export function requireAddress(url: string, exitCode: 2 | 64 = 64): void {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return
  throw new UsageError(`"${url}" is no address: expected http://… or https://….`, exitCode)
}
