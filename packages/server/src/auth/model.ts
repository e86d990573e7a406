// The contracts of authentication and authorization: who asks, who finds that out, who decides. Implementations stand
// beside this file; a team brings its own by writing an object of one of these shapes.
import type { JsonObject, Tasker } from '@tasker/engine'
import type { Permission } from './permissions.ts'

/** Who asks. Made anew for each request and never kept by an authenticator. */
export interface Caller {
  /** Who it is, for the history and the audit log: 1 to 128 characters. */
  readonly id: string
  /** Default: none. */
  readonly roles?: readonly string[]
  /** May do everything, everywhere. Default false. */
  readonly isAdmin?: boolean
  /** Permissions held beside those of the roles, `tasker.task:show` or `tasker.task:*`. Default: none. */
  readonly permissions?: readonly string[]
  /**
   * Does nothing beyond these, whatever it is allowed and also while authorization is off: those of a token. Null or left
   * out: no such bound.
   */
  readonly scopes?: readonly string[] | null
  /** Sees and changes only tasks of these namespaces; null or left out: of all. */
  readonly namespaces?: readonly string[] | null
}

/** What an authenticator knows beside the request. */
export interface Peer {
  /** Of the caller, past trusted proxies; null where the host does not say. */
  readonly address: string | null
}

/** How the OpenAPI document describes what an authenticator reads. */
export interface SecurityScheme {
  readonly name: string
  readonly scheme:
    | { readonly type: 'http'; readonly scheme: 'bearer'; readonly bearerFormat?: string }
    | { readonly type: 'apiKey'; readonly in: 'header' | 'cookie'; readonly name: string }
}

export interface Authenticator {
  /**
   * Who sends this request; null when it brings no credentials of the kind read here. Stateless: whatever it remembers
   * belongs to no request.
   * @throws {AuthenticationFailed} for credentials that are not good; its message reaches the caller
   */
  authenticate(request: Request, peer: Peer, tasker: Tasker): Promise<Caller | null> | Caller | null
  /** What is wrong with its settings, in sentences. Asked once, when the server is made. */
  configurationFaults?(): readonly string[]
  /** What it reads, for the OpenAPI document. */
  readonly securitySchemes?: readonly SecurityScheme[]
  /** It reads cookies: requests that change something must then show that they come from this site. Default false. */
  readonly readsCookies?: boolean
  /** It is several, asked in this order instead of itself: `firstOf`. */
  readonly members?: readonly Authenticator[]
}

/** The credentials are not good. The message is told to the caller: never put the credentials into it. */
export class AuthenticationFailed extends Error {
  override readonly name = 'AuthenticationFailed'
}

/** What a policy may know of the task that an operation addresses. */
export interface TaskSubject {
  readonly taskId: string
  readonly namespace: string
  readonly name: string
  readonly version: string
  readonly initiator: string
  readonly sourceSystem: string
  readonly tags: readonly string[]
  readonly context: JsonObject
}

/** `code`: asked by the application itself. */
export type Transport = 'rest' | 'graphql' | 'sse' | 'code'

/** May this caller do that? */
export interface Question {
  /** Null: nobody was asked who they are (authentication is off). */
  readonly caller: Caller | null
  readonly permission: Permission
  readonly resource: string
  readonly action: string
  /** Of the task that is addressed, or null. */
  readonly taskId: string | null
  /** Name or number of the step that is addressed, or null. */
  readonly step: string | null
  /** That is addressed without a task: a new task's, a definition's. Of a task, `task()` says it. */
  readonly namespace: string | null
  readonly transport: Transport
  readonly at: Date
  /** Reads the task, once per request; null when none is addressed, or there is none. */
  task(): Promise<TaskSubject | null>
}

/** Which tasks of all a list may show: every condition that is given must hold. */
export interface Scope {
  readonly namespaces?: readonly string[]
  readonly initiator?: string
  readonly tags?: readonly string[]
  readonly contextContains?: JsonObject
}

/** `hidden`: not allowed, and what is addressed is as if it did not exist. */
export type Decision = boolean | 'hidden'

export interface AuthorizationCoordinator {
  /** Nothing but `true` allows. What is thrown is a fault of the server: nobody is allowed anything by it. */
  can(question: Question): Promise<Decision> | Decision
  /** Narrows lists for a caller who may see them. Default: the caller's namespaces. */
  scope?(question: Question): Promise<Scope | null> | Scope | null
  /** What is wrong with its settings, in sentences. Asked once, when the server is made. */
  configurationFaults?(): readonly string[]
}
