// One operation of the REST interface: what it is called, who may do it, what it takes, what it answers, and its code. The
// router, the OpenAPI document, the permission matrix and the reference all read this one record.
import type { ErrorCode, JsonObject, Tasker } from '@tasker/engine'
import { z } from 'zod'
import type { Access, Addressed } from './auth/access.ts'
import { recordAudit, requireAudited, type AuditNote } from './auth/audit.ts'
import type { Peer, Transport } from './auth/model.ts'
import type { Permission } from './auth/permissions.ts'
import type { ApiDocs } from './openapi/served-docs.ts'
import type { Live } from './live/live.ts'
import { readJson } from './request-body.ts'
import { requireTask } from './require-task.ts'
import { faultsOf, refused } from './request-faults.ts'

export type Method = 'get' | 'post' | 'patch' | 'put' | 'delete'

/**
 * When a caller has to say who it is: always where authentication is enabled (`global`), never, or by an option of its own:
 * `health.readyRequiresAuthentication`, `health.statusRequiresAuthentication`, `telemetry.metricsAuthRequired`.
 */
export type AuthenticationRule = 'global' | 'never' | 'ready' | 'status' | 'metrics'

/** One documented answer. */
export interface Answer {
  readonly description: string
  /** Null: no body. */
  readonly schema: z.ZodType | null
  /** Default `application/json`. */
  readonly contentType?: string
  /** Beside it, by their content types. */
  readonly others?: Readonly<Record<string, z.ZodType>>
  /** Of a stream: the data of each message. */
  readonly message?: z.ZodType
  readonly headers?: Readonly<Record<string, string>>
}

type Shape = z.ZodObject
const nothing = z.strictObject({})
type Nothing = typeof nothing

export interface OperationFacts {
  /** Unique: `listTasks`. */
  readonly id: string
  readonly method: Method
  /** Below the prefix: `/tasks/{task_id}`. */
  readonly path: string
  /** Null: everybody who is answered at all. */
  readonly permission: Permission | null
  readonly authentication: AuthenticationRule
  /** How its answer travels. Default: `rest`. */
  readonly transport?: Transport
  readonly tag: string
  /** One line. */
  readonly summary: string
  readonly description?: string
  /** It changes something: it is written to the audit log. Default: every method but GET. */
  readonly isMutation?: boolean
  readonly answers: Readonly<Record<number, Answer>>
  /** Refusals of its own, for the documentation: beside those that follow from its permission, path and body. */
  readonly refuses?: readonly ErrorCode[]
}

interface Spec<
  Params extends Shape,
  Query extends Shape,
  Body extends z.ZodType,
  Headers extends Shape,
> extends OperationFacts {
  readonly params?: Params
  readonly query?: Query
  readonly body?: Body
  /** Headers that it reads, by their names in lower case; all others are passed by. */
  readonly headers?: Headers
  /**
   * What is addressed beside the task, the step and the namespace of the path: the namespace of a new task, the filter of a
   * bulk action. The permission is asked for again with it, and the audit log keeps it. `reason`: where it is not that of
   * the body.
   */
  readonly addresses?: (
    given: Given<z.infer<Params>, z.infer<Query>, z.infer<Body>, z.infer<Headers>>,
  ) => Addressed & { readonly addressed?: JsonObject; readonly reason?: string | null }
  readonly handle: (
    call: Call<z.infer<Params>, z.infer<Query>, z.infer<Body>, z.infer<Headers>>,
  ) => Promise<Reply | Response>
}

export interface Operation extends OperationFacts {
  readonly params: Shape
  readonly query: Shape
  /** Null: a body is not read. */
  readonly body: z.ZodType | null
  readonly headers: Shape
  readonly isMutation: boolean
  run(request: IncomingCall): Promise<Response>
}

/** What a request is by the time an operation has it: authenticated, not yet authorized. */
export interface IncomingCall {
  readonly tasker: Tasker
  readonly request: Request
  readonly peer: Peer
  readonly access: Access
  /** Who asks and what it may, found out anew: for what goes on for long. */
  readonly renewAccess: () => Promise<Access>
  readonly live: Live
  readonly params: Readonly<Record<string, string>>
  readonly correlationId: string
  readonly apiDocs: ApiDocs
}

interface Given<Params, Query, Body, Headers> {
  readonly params: Params
  readonly query: Query
  readonly body: Body
  readonly headers: Headers
}

export interface Call<Params, Query, Body, Headers = unknown>
  extends Omit<IncomingCall, 'params'>, Given<Params, Query, Body, Headers> {}

export interface Reply {
  /** Default 200. */
  readonly status?: number
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** For the audit log: the task that was made, how many were changed. */
  readonly audit?: AuditNote
}

/** Checks in the order of the contract: permission, then existence, then what was sent; all faults at once. */
export function operation<
  Params extends Shape = Nothing,
  Query extends Shape = Nothing,
  Body extends z.ZodType = z.ZodUndefined,
  Headers extends Shape = Nothing,
>(spec: Spec<Params, Query, Body, Headers>): Operation {
  const { handle, addresses, body = null, ...facts } = spec
  // Left out, they are the shape of nothing, which is what their parameters default to.
  const params = (spec.params ?? nothing) as Params
  const query = (spec.query ?? nothing) as Query
  const headers = (spec.headers ?? nothing) as Headers
  const isMutation = spec.isMutation ?? spec.method !== 'get'
  const { id, permission } = spec
  return {
    ...facts,
    params,
    query,
    body,
    headers,
    isMutation,
    async run(incoming) {
      const { access, request, tasker } = incoming
      const addressed = {
        taskId: incoming.params['task_id'] ?? null,
        step: incoming.params['step'] ?? null,
        namespace: incoming.params['namespace'] ?? null,
      }
      const require = async (more: Addressed): Promise<void> => {
        if (isMutation)
          await requireAudited(incoming, { operation: id, permission, ...addressed, ...more })
        else if (permission !== null) await access.require(permission, { ...addressed, ...more })
      }
      await require({})
      const read = {
        params: params.safeParse(incoming.params),
        query: query.safeParse(queryOf(new URL(request.url).searchParams)),
        body: body === null ? null : body.safeParse(await readJson(request, bodyMaxOf(tasker))),
        headers: headers.safeParse(headersOf(request, headers)),
      }
      const faults = [
        ...faultsOf(read.params, ''),
        ...faultsOf(read.query, 'query.'),
        ...faultsOf(read.headers, 'header.'),
        ...faultsOf(read.body, ''),
      ]
      if (faults.length > 0) {
        if (addressed.taskId !== null) await requireTask(tasker, addressed.taskId) // 404 goes first
        throw refused(faults)
      }
      const given = {
        // Without a fault each has its data, of the type of its schema.
        params: read.params.data as z.infer<Params>,
        query: read.query.data as z.infer<Query>,
        body: read.body?.data as z.infer<Body>,
        headers: read.headers.data as z.infer<Headers>,
      }
      const more = addresses?.(given) ?? {}
      if (!isMutation) {
        if (addresses !== undefined) await require(more)
        return responseOf(await handle({ ...incoming, ...given }))
      }
      const reason = reasonOf(given.body)
      const mutation = { operation: id, permission, reason, ...addressed, ...more }
      return recordAudit(incoming, mutation, async (note) => {
        const reply = await handle({ ...incoming, ...given })
        if (!(reply instanceof Response)) note(reply.audit ?? {})
        return responseOf(reply)
      })
    },
  }
}

const responseOf = (reply: Reply | Response): Response =>
  reply instanceof Response ? reply : jsonResponse(reply)

/** Why it is asked for, where the body says so. */
function reasonOf(body: unknown): string | null {
  const reason = typeof body === 'object' && body !== null && 'reason' in body ? body.reason : null
  return typeof reason === 'string' ? reason : null
}

const bodyMaxOf = (tasker: Tasker): number => tasker.config.server.bodyMaxBytes

function jsonResponse({ status = 200, body, headers = {} }: Reply): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
  })
}

/** A parameter given twice is a list. */
function queryOf(search: URLSearchParams): Readonly<Record<string, string | readonly string[]>> {
  return Object.fromEntries(
    [...new Set(search.keys())].map((key) => {
      const values = search.getAll(key)
      return [key, values.length === 1 ? (values[0] ?? '') : values]
    }),
  )
}

function headersOf(request: Request, { shape }: Shape): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.keys(shape).flatMap((name) => {
      const value = request.headers.get(name)
      return value === null ? [] : [[name, value]]
    }),
  )
}
