// Secrets and variables of one attempt, and the net under them: what was read here is replaced in all that the attempt leaves,
// whichever way it got there (an echo in an answer, the message of an error, an event).
import { PermanentError, RetryableError } from '../errors.ts'
import { formsOf, isSecretName, longestFirst, mapTexts, redacted, withoutForms } from '../redact.ts'
import type { Json, JsonObject } from '../json.ts'
import type { StepOutcome } from '../database/steps.ts'

/** The option `secrets` of createTasker. */
export type ReadSecret = (name: string) => string | Promise<string>

export interface SecretSources {
  /** Null: this Tasker has none. */
  readonly readSecret: ReadSecret | null
  /** Environment variables by name. */
  readonly variables: Readonly<Record<string, string | undefined>>
}

/** Shorter values stand everywhere by chance; replacing them would destroy what is stored. */
const hiddenLengthMin = 4

export class AttemptSecrets {
  readonly #sources: SecretSources
  readonly #hidden = new Set<string>()
  /** What is hidden, in every spelling: made once, because an answer may hold very many texts. */
  #forms: readonly string[] = []

  constructor(sources: SecretSources) {
    this.#sources = sources
  }

  /** Something was read that must not be seen. */
  get isHiding(): boolean {
    return this.#hidden.size > 0
  }

  async secret(name: string): Promise<string> {
    const value = await this.#read(name)
    this.#hide(value)
    return value
  }

  variable(name: string): string | undefined {
    const { variables } = this.#sources
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined
    if (value !== undefined && isSecretName(name) && !isAddress(name, value)) this.#hide(value)
    return value
  }

  /** The outcome without what was read here. */
  redactOutcome(outcome: StepOutcome): StepOutcome {
    if (this.#hidden.size === 0) return outcome
    const { result, error, reason } = outcome
    return {
      ...outcome,
      result: result === null ? null : this.#redactWritten(result),
      // These were cut, and may end within a secret.
      error:
        error === null ? null : (mapTexts(error, (text) => this.redactText(text)) as JsonObject), // an object stays one
      reason: reason === null ? null : this.redactText(reason),
    }
  }

  redactObject(value: JsonObject): JsonObject {
    return mapTexts(value, (text) => withoutForms(text, this.#forms)) as JsonObject // an object stays one
  }

  #redactWritten(text: string): string {
    const value = JSON.parse(text) as Json // what toStorable wrote
    return JSON.stringify(mapTexts(value, (part) => withoutForms(part, this.#forms)))
  }

  /** Of text that may have been cut. */
  redactText(text: string): string {
    return this.#forms.reduce(withoutBeginning, withoutForms(text, this.#forms))
  }

  #hide(value: string): void {
    if (value.length < hiddenLengthMin || this.#hidden.has(value)) return
    this.#hidden.add(value)
    this.#forms = longestFirst([...this.#forms, ...formsOf(value)])
  }

  async #read(name: string): Promise<string> {
    const { readSecret } = this.#sources
    const value: unknown = readSecret === null ? undefined : await reading(name, readSecret)
    if (typeof value === 'string' && value !== '') return value
    const cure =
      readSecret === null
        ? 'pass `secrets` to createTasker'
        : 'the function `secrets` of createTasker gave no text for it'
    throw new PermanentError(`The secret ${name} is not set: ${cure}.`, { code: 'SECRET_NOT_SET' })
  }
}

/** Text that was cut may end within a secret. */
function withoutBeginning(text: string, form: string): string {
  const mark = text.endsWith('…') ? '…' : ''
  const kept = text.slice(0, text.length - mark.length)
  for (let length = form.length - 1; length >= hiddenLengthMin; length -= 1) {
    if (kept.endsWith(form.slice(0, length))) return `${kept.slice(0, -length)}${redacted}${mark}`
  }
  return text
}

const opaqueWords = /token|secret|passw|passphrase|key|credential|cookie/i

/** `AUTH_URL` is named like a secret and is where to log in; what stands behind the host of `SECRET_URL` may be one. */
function isAddress(name: string, value: string): boolean {
  const url = URL.parse(value)
  if (url === null || !/^https?:$/.test(url.protocol)) return false
  if (url.username !== '' || url.password !== '' || url.search !== '') return false
  return url.pathname === '/' || !opaqueWords.test(name)
}

/** A store of secrets that does not answer may answer the next time. */
async function reading(name: string, readSecret: ReadSecret): Promise<unknown> {
  try {
    return await readSecret(name)
  } catch (cause) {
    if (cause instanceof PermanentError || cause instanceof RetryableError) throw cause
    throw new RetryableError(`The secret ${name} could not be read.`, { cause })
  }
}
