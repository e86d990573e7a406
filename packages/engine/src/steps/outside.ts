// What lies outside of a task and belongs to the whole process: the client for other systems, their limits, the secrets, results
// that are used again. And the part of an attempt's execution that is made of it.
import type { EventOfFile } from '../definitions/event-files.ts'
import type { StepExecution } from '../definitions/model.ts'
import type { HttpClient } from '../http/model.ts'
import type { DependentSystems } from '../http/systems/dependent-systems.ts'
import { AttemptHttp } from './attempt-http.ts'
import type { AttemptSecrets, SecretSources } from './attempt-secrets.ts'
import type { Logger } from '../log.ts'
import { AttemptLog } from './attempt-scope.ts'
import type { ResultCache } from './result-cache.ts'
import type { Attempt } from './run-step.ts'

export interface Outside {
  /** Connections are shared by all steps. */
  readonly http: HttpClient
  readonly systems: DependentSystems
  readonly secrets: SecretSources
  readonly results: ResultCache
  /** Events that files describe: any step may publish them. */
  readonly events: ReadonlyMap<string, EventOfFile>
  /** In lower case: `x-correlation-id`. */
  readonly correlationHeader: string
  /** For the lines of handlers. */
  readonly log: Logger
}

/** Requests of the attempt keep to the limits of the system that its step names. */
export function executionOutside(
  { http, systems, correlationHeader, log }: Outside,
  attempt: Attempt,
  secrets: AttemptSecrets,
): Pick<StepExecution, 'http' | 'log' | 'secret' | 'variable' | 'redact'> {
  const system = attempt.settings?.dependentSystem
  const limited = system === undefined ? http : systems.limit(http, system)
  return {
    http: new AttemptHttp(limited, attempt, {
      correlationHeader,
      redact: (text) => secrets.redactText(text),
    }),
    log: new AttemptLog(log, attempt.scope, secrets),
    secret: (name) => secrets.secret(name),
    variable: (name) => secrets.variable(name),
    redact: (text) => secrets.redactText(text),
  }
}
