// The settings of an API step, read and checked: what read-settings.ts makes and build-request.ts uses. Types only.
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { AnswerOutcome, AnswerOverrides } from '../../http/answer-classes.ts'
import type {
  HttpBody,
  HttpMethod,
  HttpRequestOptions,
  HttpResponse,
  QueryValue,
} from '../../http/model.ts'
import type { Fault } from '../../errors.ts'
import type { Json } from '../../json.ts'
import type { StepExecution } from '../model.ts'
import type { Template } from './template.ts'

/** Computed for each attempt, by code. What it returns is used as it is. */
export type FromExecution<Value> = (execution: StepExecution) => Value | Promise<Value>

/** JSON whose texts are templates. */
export type JsonTemplate =
  | { readonly kind: 'text'; readonly template: Template }
  | { readonly kind: 'list'; readonly members: readonly JsonTemplate[] }
  | { readonly kind: 'map'; readonly members: readonly (readonly [string, JsonTemplate])[] }
  | { readonly kind: 'plain'; readonly value: Json }

/** Sent as they are. */
export interface BytesBody {
  readonly kind: 'bytes'
  readonly bytes: Uint8Array
}

export type QueryTemplate = Template | readonly Template[] | number | boolean

export type Checked<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly faults: readonly Fault[] }

export interface ApiSettings {
  /** Scheme, host, port and the beginning of the path. */
  readonly baseUrl: Template
  readonly path: Template | FromExecution<string> | null
  /** Null: GET, or POST with a body. */
  readonly method: HttpMethod | null
  readonly query:
    Readonly<Record<string, QueryTemplate>> | FromExecution<Readonly<Record<string, QueryValue>>>
  /** Names in lower case. */
  readonly headers:
    Readonly<Record<string, Template>> | FromExecution<Readonly<Record<string, string>>>
  /** Null: none. */
  readonly body: JsonTemplate | BytesBody | FromExecution<HttpBody> | null
  readonly options: Pick<
    HttpRequestOptions,
    'timeouts' | 'redirects' | 'responseMaxBytes' | 'allowedAddresses'
  >
  readonly tls: Readonly<Record<string, Template | boolean>> | null
  /** Undefined: as in `http.proxy`. */
  readonly proxy: Template | null | undefined
  readonly overrides: AnswerOverrides
  /** Asked first; undefined: as the table and the overrides have it. */
  readonly classify: ((response: HttpResponse) => AnswerOutcome | undefined) | null
  readonly checkResponse: ((body: Json) => Promise<Checked<unknown>>) | null
  readonly processResults: ((response: HttpResponse, execution: StepExecution) => unknown) | null
}

/** What a response's body must be: any Standard Schema, or a JSON Schema. */
export type ResponseSchema = StandardSchemaV1 | Readonly<Record<string, unknown>>
