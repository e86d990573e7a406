// The words of calling other systems over HTTP: what a request says, what comes back, what can go wrong. Types and one
// error class. client.ts does it. This folder knows nothing of tasks and steps.
import type { Json } from '../json.ts'

export type HttpMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS'

/** One value of a query string. Null: the name is left out. */
export type QueryValue = string | number | boolean | null | readonly (string | number | boolean)[]

/** Milliseconds, each from 1 to 86,400,000; none can be switched off. What is left out is as in the section `http`. */
export interface HttpTimeouts {
  /** Until a connection stands, TLS included. */
  readonly connectMs?: number | undefined
  /** From the call to the last byte of the response, redirects included. */
  readonly totalMs?: number | undefined
  /** Without anything from the other system: until its headers, and between two pieces of its body. */
  readonly idleMs?: number | undefined
}

/** PEM texts, and what else TLS needs to know of one system. */
export interface HttpTls {
  readonly ca?: string | undefined
  /** Certificate and key of this client. They never go to another origin. */
  readonly cert?: string | undefined
  readonly key?: string | undefined
  /** False accepts any certificate. Default true. */
  readonly rejectUnauthorized?: boolean | undefined
  readonly servername?: string | undefined
}

/** What may be said of a request besides where it goes and what it carries. */
export interface HttpRequestOptions {
  /** Added to those of the URL. A list gives the name once for each value. */
  readonly query?: Readonly<Record<string, QueryValue>> | undefined
  /** In any case. They stand before those that the client sets by itself. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly signal?: AbortSignal | undefined
  readonly timeouts?: HttpTimeouts | undefined
  /**
   * `refuse`: a redirect is the response. `same-origin`: followed within scheme, host and port; another one is the response.
   * `follow`: everywhere, but never from https to http, and credentials stay behind. At most 5. Default: `http.redirects`.
   */
  readonly redirects?: HttpRedirects | undefined
  /** Most bytes of the body, as it comes and unpacked. Default: `http.responseMaxBytes`. */
  readonly responseMaxBytes?: number | undefined
  readonly tls?: HttpTls | undefined
  /** `http://…` or `https://…`, with user and password where it wants them; null: none. Default: `http.proxy`. */
  readonly proxy?: string | null | undefined
  /**
   * Addresses, CIDR blocks and host names that may be called although they are private. Stands in place of
   * `http.allowedAddresses`.
   */
  readonly allowedAddresses?: readonly string[] | undefined
}

export type HttpRedirects = 'refuse' | 'same-origin' | 'follow'

/** An object, list, number or boolean is sent as JSON; text and bytes as they are. Null or undefined: no body. */
export type HttpBody = Json | Uint8Array | undefined

export interface HttpRequest extends HttpRequestOptions {
  /** Absolute, http or https, without user and password. */
  readonly url: string | URL
  /** Default: GET; POST with a body. */
  readonly method?: HttpMethod | undefined
  readonly body?: HttpBody
}

export interface HttpResponse {
  readonly status: number
  /** Names in lower case; what came several times is joined by `, `. */
  readonly headers: Readonly<Record<string, string>>
  /** Parsed when the content type is JSON, otherwise text; null when there is none. */
  readonly body: Json
  /** Where it came from, after redirects. Holds the query, which may hold secrets. */
  readonly url: string
  readonly durationMs: number
}

/**
 * Calls other systems. Any status is a response. What is no response is an HttpError, and nothing else is ever thrown.
 * It never tries again: that is for the engine.
 */
export interface HttpClient {
  request(request: HttpRequest): Promise<HttpResponse>
  get(url: string | URL, options?: HttpRequestOptions): Promise<HttpResponse>
  post(url: string | URL, body?: HttpBody, options?: HttpRequestOptions): Promise<HttpResponse>
  put(url: string | URL, body?: HttpBody, options?: HttpRequestOptions): Promise<HttpResponse>
  patch(url: string | URL, body?: HttpBody, options?: HttpRequestOptions): Promise<HttpResponse>
  delete(url: string | URL, options?: HttpRequestOptions): Promise<HttpResponse>
}

/** A client with its connections, for whoever made it. */
export interface OwnHttpClient extends HttpClient {
  /** Ends its connections; requests under way and later ones fail with HTTP_CLOSED. */
  close(): Promise<void>
}

export type HttpErrorCode =
  /** The request itself is wrong: no other attempt can help. */
  | 'HTTP_REQUEST_INVALID'
  /** A private, local or reserved address that `http.allowedAddresses` does not name. */
  | 'HTTP_ADDRESS_REFUSED'
  /** No connection: name not found, refused, unreachable, the proxy said no. */
  | 'HTTP_CONNECT_FAILED'
  | 'HTTP_CONNECT_TIMEOUT'
  /** The certificate or the handshake. */
  | 'HTTP_TLS'
  | 'HTTP_TIMEOUT'
  | 'HTTP_IDLE_TIMEOUT'
  /** The connection broke before the response was whole. */
  | 'HTTP_RESET'
  | 'HTTP_RESPONSE_TOO_LARGE'
  /** Not HTTP, not the length it said, not unpackable, or a 2xx that says it is JSON and is not. */
  | 'HTTP_RESPONSE_INVALID'
  /** More than 5, or to where no request can go. */
  | 'HTTP_REDIRECT'
  /** Called off by the signal; its reason is the cause. */
  | 'HTTP_ABORTED'
  | 'HTTP_CLOSED'

/** What an error says of its request: neither query nor user, which may hold secrets. */
export interface RequestBrief {
  readonly method: string
  readonly url: string
}

/** A request that brought no response. Branch on `code`. */
export class HttpError extends Error {
  override readonly name: string = 'HttpError'
  readonly code: HttpErrorCode
  readonly request: RequestBrief
  /** False: surely nothing reached the other system. True: it may have. */
  readonly isSent: boolean

  constructor(
    code: HttpErrorCode,
    message: string,
    facts: { readonly request: RequestBrief; readonly isSent: boolean; readonly cause?: unknown },
  ) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.code = code
    this.request = facts.request
    this.isSent = facts.isSent
  }
}
