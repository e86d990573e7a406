// The scope of one attempt while its handler runs: the correlation id of its task, and what log lines say of it. Lines of the
// handler itself go through `execution.log`, without the secrets that the attempt has read.
import { correlationIdOf, type Scope } from '../correlation.ts'
import type { JsonObject } from '../json.ts'
import type { Logger } from '../log.ts'
import type { AttemptSecrets } from './attempt-secrets.ts'
import type { Attempt } from './run-step.ts'

type Fields = Readonly<Record<string, unknown>>

/** One for every attempt: what lines need is put together when one is written. */
export class AttemptScope implements Scope {
  readonly #attempt: Pick<Attempt, 'step' | 'definition'>

  constructor(attempt: Pick<Attempt, 'step' | 'definition'>) {
    this.#attempt = attempt
  }

  get correlationId(): string {
    return correlationIdOf(this.#attempt.step)
  }

  readonly fields = (): Fields => {
    const { step, definition } = this.#attempt
    return {
      task_id: step.taskId,
      task_name: definition.name,
      namespace: definition.namespace,
      version: definition.version,
      step_id: `${step.taskId}/${step.stepNo}`,
      step_name: step.name,
      attempt: step.attempts,
    }
  }
}

/** The logger of a handler, wherever its lines are written from. */
export class AttemptLog implements Logger {
  readonly #logger: Logger
  readonly #scope: Scope
  readonly #secrets: AttemptSecrets

  constructor(logger: Logger, scope: Scope, secrets: AttemptSecrets) {
    this.#logger = logger
    this.#scope = scope
    this.#secrets = secrets
  }

  debug(fields: Fields, message: string): void {
    this.#write('debug', fields, message)
  }

  info(fields: Fields, message: string): void {
    this.#write('info', fields, message)
  }

  warn(fields: Fields, message: string): void {
    this.#write('warn', fields, message)
  }

  error(fields: Fields, message: string): void {
    this.#write('error', fields, message)
  }

  #write(level: keyof Logger, fields: Fields, message: string): void {
    const { correlationId, fields: own } = this.#scope
    this.#logger[level](
      { correlation_id: correlationId, ...own?.(), ...this.#withoutSecrets(fields) },
      this.#secrets.redactText(String(message)),
    )
  }

  #withoutSecrets(fields: Fields): Fields {
    if (!this.#secrets.isHiding) return fields
    try {
      return this.#secrets.redactObject(JSON.parse(JSON.stringify(fields)) as JsonObject) // as written
    } catch {
      return { filter_error: true }
    }
  }
}
