// The checks of one validation: each is made, timed and kept, and what they say together is the verdict. What a check
// looks at is its caller's.
import { systemClock } from '@tasker/engine'
import type { ExitCode } from '../failure.ts'

/** What one look at the facts showed. */
export interface Finding {
  /** One line for people: what was seen, when it is as it should be. */
  readonly seen: string
  /** Each a sentence; none: the check passed. */
  readonly faults: readonly string[]
  /** What to do about them. */
  readonly remedy?: string
  /** More lines for `--verbose`. */
  readonly more?: readonly string[]
}

export interface Check {
  readonly name: string
  readonly passed: boolean
  readonly durationMs: number
  readonly details: Required<Omit<Finding, 'remedy'>> & { readonly remedy: string | null }
}

export interface Verdict {
  readonly passed: boolean
  readonly exitCode: ExitCode
  readonly durationMs: number
  readonly checks: readonly Check[]
  /** Checks that could not be made, because of one before them. */
  readonly notMade: readonly string[]
}

/** Somebody who is needed does not answer: exit code 2. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable'
  readonly remedy: string | undefined

  constructor(message: string, remedy?: string) {
    super(message)
    this.remedy = remedy
  }
}

export class Checklist {
  readonly #planned: readonly string[]
  readonly #checks: Check[] = []
  readonly #startedAtMs = systemClock.monotonicMs()
  #isUnreachable = false

  /** The names of the checks that there are to be. */
  constructor(planned: readonly string[]) {
    this.#planned = planned
  }

  /** Whether it passed. An error that is thrown is a fault. */
  async make(name: string, look: () => Promise<Finding> | Finding): Promise<boolean> {
    const startedAtMs = systemClock.monotonicMs()
    const { seen, faults, remedy: advice, more = [] } = await this.#find(look)
    const passed = faults.length === 0
    const remedy = passed ? null : (advice ?? null)
    const durationMs = wholeMs(systemClock.monotonicMs() - startedAtMs)
    this.#checks.push({ name, passed, durationMs, details: { seen, faults, remedy, more } })
    return passed
  }

  verdict(): Verdict {
    const made = this.#checks.map(({ name }) => name)
    const notMade = this.#planned.filter((name) => !made.includes(name))
    const passed = notMade.length === 0 && this.#checks.every((check) => check.passed)
    return {
      passed,
      exitCode: passed ? 0 : this.#isUnreachable ? 2 : 1,
      durationMs: wholeMs(systemClock.monotonicMs() - this.#startedAtMs),
      checks: this.#checks,
      notMade,
    }
  }

  async #find(look: () => Promise<Finding> | Finding): Promise<Finding> {
    try {
      return await look()
    } catch (error) {
      if (error instanceof Unreachable) this.#isUnreachable = true
      const message = error instanceof Error ? error.message : String(error)
      const remedy = error instanceof Unreachable ? error.remedy : undefined
      return { seen: '', faults: [message], ...(remedy === undefined ? {} : { remedy }) }
    }
  }
}

const wholeMs = (ms: number): number => Math.round(ms)
