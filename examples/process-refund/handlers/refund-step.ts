// What the steps of both teams have in common: their configuration as values of a type, results of parents that must be there,
// and what the words of other systems about a status mean.
import { PermanentError, RetryableError, StepHandler, type StepSequence } from '@tasker/engine'
import { z } from 'zod'

const configuration = z.object({
  url: z.string(),
  look_again_seconds: z.number().default(60),
  token: z.string().default(''),
  payments_url: z.string().default(''),
  target_namespace: z.string().default(''),
  target_workflow: z.string().default(''),
  target_version: z.string().default(''),
})

export abstract class RefundStep extends StepHandler {
  protected get settings(): z.output<typeof configuration> {
    return configuration.parse(this.config)
  }

  /** @throws {PermanentError} PARENT_RESULT_INVALID: no further attempt changes the result of a parent */
  protected resultsOf<Schema extends z.ZodType>(
    sequence: StepSequence,
    parent: string,
    schema: Schema,
  ): z.output<Schema> {
    const read = schema.safeParse(this.getPreviousStepData(sequence, parent))
    if (read.success) return read.data
    throw new PermanentError(`The results of ${parent} are not as expected.`, {
      code: 'PARENT_RESULT_INVALID',
      context: { faults: z.prettifyError(read.error) },
    })
  }

  /** The outcome "not yet": no attempt is spent and no slot is held. */
  protected lookAgain(reason: string) {
    const ms = this.settings.look_again_seconds * 1_000
    return this.execution.waitUntil(new Date(Date.now() + ms), reason)
  }
}

export interface Meanings {
  /** What it is about: `The payment`. */
  readonly of: string
  readonly good: readonly string[]
  /** Status → code of the error that ends the step. */
  readonly final: Readonly<Record<string, string>>
}

/**
 * Returns when the status is a good one.
 * @throws {PermanentError} for one that stays
 * @throws {RetryableError} for any other: it may be another one soon, and what is unknown deserves another look
 */
export function requireStatus(status: string, { of, good, final }: Meanings): void {
  if (good.includes(status)) return
  const code = Object.hasOwn(final, status) ? final[status] : undefined
  if (code !== undefined) throw new PermanentError(`${of} is ${status}.`, { code })
  throw new RetryableError(`${of} is ${status}.`)
}
