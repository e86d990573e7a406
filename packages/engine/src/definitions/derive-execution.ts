// A copy of a step's execution with other results or configuration. Spelled out field by field, because the original
// may be an object with methods and getters of its own, which spreading would lose.
import type { StepExecution } from './model.ts'

export function deriveExecution(
  execution: StepExecution,
  changes: Partial<Pick<StepExecution, 'results' | 'config' | 'variable'>>,
): StepExecution {
  return {
    taskId: execution.taskId,
    namespace: execution.namespace,
    taskName: execution.taskName,
    version: execution.version,
    stepName: execution.stepName,
    context: execution.context,
    results: changes.results ?? execution.results,
    inputs: execution.inputs,
    config: changes.config === undefined ? execution.config : changes.config,
    attempt: execution.attempt,
    retryLimit: execution.retryLimit,
    signal: execution.signal,
    idempotencyKey: execution.idempotencyKey,
    correlationId: execution.correlationId,
    claimNo: execution.claimNo,
    tx: execution.tx,
    http: execution.http,
    log: execution.log,
    secret: (name) => execution.secret(name),
    variable: changes.variable ?? ((name) => execution.variable(name)),
    redact: (text) => execution.redact(text),
    publish: (eventName, payload) => execution.publish(eventName, payload),
    waitUntil: (at, reason) => execution.waitUntil(at, reason),
  }
}
