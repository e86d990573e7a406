// An API step for tests that know no types of a definition, and a client that may call loopback.
import { resolveConfig } from '../../src/config.ts'
import type { TypedStepExecution } from '../../src/definitions/builder-types.ts'
import { httpStep, type HttpStepOptions } from '../../src/definitions/api-steps/http-step.ts'
import type { ResponseSchema } from '../../src/definitions/api-steps/settings.ts'
import type { DatabaseClient } from '../../src/definitions/host-transaction.ts'
import type { RunStep } from '../../src/definitions/model.ts'
import { createHttpClient } from '../../src/http/client.ts'
import type { Json, JsonObject } from '../../src/json.ts'
import { loopback } from './other-system.ts'

type Untyped = TypedStepExecution<JsonObject, Record<string, Json>, Json, DatabaseClient | null>
export type StepOptions = HttpStepOptions<Untyped, ResponseSchema | undefined, unknown>

export const untypedStep = (options: StepOptions): RunStep =>
  httpStep<
    JsonObject,
    Record<string, Json>,
    Json,
    DatabaseClient | null,
    ResponseSchema | undefined,
    unknown
  >(options)

export const loopbackClient = () =>
  createHttpClient(resolveConfig({ code: loopback, env: {} }).config.http)
