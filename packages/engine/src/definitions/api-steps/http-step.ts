// `httpStep`: an API step as a function, typed from its schema to its children. Making one never throws; its faults are those
// of the definition. The same as a class, for YAML too, is api-step-handler.ts.
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { AnswerOutcome, AnswerOverrides } from '../../http/answer-classes.ts'
import type {
  HttpBody,
  HttpMethod,
  HttpRequestOptions,
  HttpResponse,
  HttpTls,
  QueryValue,
} from '../../http/model.ts'
import type { Json } from '../../json.ts'
import type { TypedStepExecution } from '../builder-types.ts'
import type { ConfiguredHandler } from '../handler-configuration.ts'
import type { StepExecution } from '../model.ts'
import { perform, requireSettings } from './perform.ts'
import { readSettings } from './read-settings.ts'
import type { ApiSettings, ResponseSchema } from './settings.ts'

/** The body as the schema makes it; any JSON without one. */
export type BodyOf<Schema> = Schema extends StandardSchemaV1
  ? StandardSchemaV1.InferOutput<Schema>
  : Json

/** A response whose body has passed its schema. */
export interface CheckedResponse<Body> extends Omit<HttpResponse, 'body'> {
  readonly body: Body
}

/**
 * What an API step sends and what it makes of the answer. Texts may hold `{context.x}`, `{results.step.x}`, `{inputs.x}`,
 * `${ENV}`, `${ENV:-default}` and `${secret:NAME}`; functions are called for each attempt.
 */
export interface HttpStepOptions<Execution, Schema, Result> extends Pick<
  HttpRequestOptions,
  'timeouts' | 'redirects' | 'responseMaxBytes' | 'allowedAddresses'
> {
  /** Scheme, host, port, and the beginning of the path. Nothing of the task may stand before the path. */
  readonly baseUrl: string
  /** Stands behind the path of `baseUrl`. Values are encoded, and may be neither empty nor `.` or `..`. */
  readonly path?: string | ((execution: Execution) => string | Promise<string>)
  /** Default: GET, or POST with a body. */
  readonly method?: HttpMethod
  /** A text that is one value and nothing else may be a list; null leaves the parameter out. */
  readonly query?:
    | Readonly<Record<string, QueryValue>>
    | ((execution: Execution) => QueryRecord | Promise<QueryRecord>)
  /** Default: `accept: application/json`, and the content type of a JSON body. */
  readonly headers?:
    | Readonly<Record<string, string>>
    | ((execution: Execution) => HeaderRecord | Promise<HeaderRecord>)
  /** JSON whose texts are templates (one that is a value and nothing else keeps its type), bytes, or a function. */
  readonly body?: Json | Uint8Array | ((execution: Execution) => HttpBody | Promise<HttpBody>)
  readonly tls?: HttpTls
  /** Null: none, whatever `http.proxy` says. */
  readonly proxy?: string | null
  /** Checks the body of a success. A mismatch fails the attempt, which is tried again. */
  readonly response?: Schema
  /** Own words on what an answer means: by status, class or error code, or by a function. Default: the table. */
  readonly classify?: AnswerOverrides | ((response: HttpResponse) => AnswerOutcome | undefined)
  /** Makes the result of the step. Default: the body. */
  readonly processResults?: (
    response: CheckedResponse<BodyOf<Schema>>,
    execution: Execution,
  ) => Result | Promise<Result>
}

type QueryRecord = Readonly<Record<string, QueryValue>>
type HeaderRecord = Readonly<Record<string, string>>

/** An API step, to be passed to `.step` and `.expand` in place of a handler. */
export interface HttpStep<Execution, Result> {
  (execution: Execution): Promise<Result>
}

/**
 * An API step: sends one request for each attempt, and its result is the body of the answer. Name the system with
 * `dependentSystem` of the step, how often it is tried with `retry`.
 */
export function httpStep<
  Context,
  Results,
  Inputs,
  Tx,
  const Schema extends ResponseSchema | undefined = undefined,
  Result = BodyOf<Schema>,
>(
  options: HttpStepOptions<TypedStepExecution<Context, Results, Inputs, Tx>, Schema, Result>,
): HttpStep<TypedStepExecution<Context, Results, Inputs, Tx>, Result> {
  const layers = [{ values: options, isData: false, path: ['handler'] }] as const
  let settings: ApiSettings | null = null
  const run = async (execution: StepExecution): Promise<unknown> => {
    settings ??= requireSettings(layers, execution.stepName)
    const response = await perform(settings, execution)
    return settings.processResults === null
      ? response.body
      : settings.processResults(response, execution)
  }
  const handler: ConfiguredHandler = {
    configurationFaults: ({ parents }) => readSettings(layers, parents).faults,
  }
  // What the options say about types is what `run` does with them: the builder passes the execution that it typed.
  return Object.assign(run, handler) as unknown as HttpStep<
    TypedStepExecution<Context, Results, Inputs, Tx>,
    Result
  >
}
