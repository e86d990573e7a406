// A step's execution for tests of handlers that need no worker.
import { resolveConfig } from '../../src/config.ts'
import { createHttpClient } from '../../src/http/client.ts'
import type { Json, JsonObject } from '../../src/json.ts'
import type { StepExecution } from '../../src/definitions/model.ts'
import { silentLogger } from '../../src/log.ts'

export interface Published {
  readonly eventName: string
  readonly payload: JsonObject
}

/** An execution with the given fields, and the list that `publish` fills. */
export function executionOf(fields: Partial<StepExecution> = {}): {
  readonly execution: StepExecution
  readonly published: readonly Published[]
} {
  const published: Published[] = []
  const results: Readonly<Record<string, Json>> = {}
  const execution: StepExecution = {
    taskId: '0192d3a4-0000-7000-8000-000000000001',
    namespace: 'default',
    taskName: 'a_task',
    version: '0.1.0',
    stepName: 'a_step',
    context: {},
    results: results,
    inputs: null,
    config: null,
    attempt: 1,
    retryLimit: 3,
    signal: new AbortController().signal,
    idempotencyKey: '0192d3a4-0000-7000-8000-000000000001:a_step',
    correlationId: '0192d3a4-0000-7000-8000-000000000001',
    claimNo: 1,
    tx: null,
    http: createHttpClient(resolveConfig({ env: {} }).config.http),
    log: silentLogger,
    secret: async (name) => `the secret ${name}`,
    variable: () => undefined,
    redact: (text) => text,
    publish: (eventName, payload) => void published.push({ eventName, payload }),
    waitUntil: (at, reason) => ({ kind: 'tasker.wait', at, reason }),
    ...fields,
  }
  return { execution, published }
}
