// The scope of one attempt while its handler runs: the correlation id of its task, and what log lines say of it. Lines of the
// handler itself go through `execution.log`, without the secrets that the attempt has read.
import { correlationIdOf, type Scope } from '../correlation.ts'
import type { ClaimedStep } from '../database/steps.ts'
import type { TaskDefinition } from '../definitions/model.ts'
import type { JsonObject } from '../json.ts'
import { besideOwn, type Logger } from '../log.ts'
import type { AttemptSecrets } from './attempt-secrets.ts'
import { describeError } from './describe-error.ts'
import type { Attempt } from './run-step.ts'

type Fields = Readonly<Record<string, unknown>>

/** Holds little: a handler that never ends keeps its scope, and nothing of what it was given. */
export class AttemptScope implements Scope {
  readonly correlationId: string
  readonly #definition: TaskDefinition
  readonly #step: Pick<ClaimedStep, 'taskId' | 'stepNo' | 'name' | 'attempts'>

  constructor({ step, definition }: Pick<Attempt, 'step' | 'definition'>) {
    const { taskId, stepNo, name, attempts } = step
    this.correlationId = correlationIdOf(step)
    this.#definition = definition
    this.#step = { taskId, stepNo, name, attempts }
  }

  /** Put together when a line is written. */
  fields(): Fields {
    const { taskId, stepNo, name, attempts } = this.#step
    return {
      task_id: taskId,
      task_name: this.#definition.name,
      namespace: this.#definition.namespace,
      version: this.#definition.version,
      step_id: `${taskId}/${stepNo}`,
      step_name: name,
      attempt: attempts,
    }
  }
}

/** The logger of a handler, wherever its lines are written from. */
export class AttemptLog implements Logger {
  readonly #logger: Logger
  readonly #scope: AttemptScope
  readonly #secrets: AttemptSecrets

  constructor(logger: Logger, scope: AttemptScope, secrets: AttemptSecrets) {
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
    const about = { correlation_id: this.#scope.correlationId, ...this.#scope.fields() }
    this.#logger[level](
      { ...about, ...this.#beside(about, fields) },
      this.#secrets.redactText(message),
    )
  }

  #beside(about: Fields, fields: Fields): Fields {
    try {
      return besideOwn(this.#withoutSecrets(fields), (name) => Object.hasOwn(about, name))
    } catch {
      return { filter_error: true }
    }
  }

  #withoutSecrets(fields: Fields): Fields {
    if (!this.#secrets.isHiding) return fields
    return this.#secrets.redactObject(JSON.parse(JSON.stringify(fields, asData)) as JsonObject) // as written
  }
}

/** What JSON would lose or refuse. `this`: what holds the value, before it was asked for its JSON. */
function asData(this: Fields, key: string, value: unknown): unknown {
  const given = this[key]
  if (given instanceof Error) return describeError(given, { keepsOwnFrames: true })
  if (ArrayBuffer.isView(given) || given instanceof ArrayBuffer) return '(binary)'
  if (given instanceof Map) return Object.fromEntries<unknown>(given)
  if (given instanceof Set) return [...given]
  return typeof value === 'bigint' ? String(value) : value
}
