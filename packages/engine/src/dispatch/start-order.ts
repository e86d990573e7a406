// The order in which steps claimed together are started: the host's hook decides, and cannot do harm.
import type { ClaimedStep } from '../database/steps.ts'
import type { Logger } from '../log.ts'
import { describeError } from '../steps/describe-error.ts'

/** Returns the claimed steps in the order in which to start them. */
export type OrderHook = (steps: readonly ClaimedStep[]) => readonly ClaimedStep[]

/** Whatever the hook returns or throws, every claimed step is started exactly once. */
export function inStartOrder(
  claims: readonly ClaimedStep[],
  { order, logger }: { readonly order: OrderHook | null; readonly logger: Logger },
): Iterable<ClaimedStep> {
  if (order === null) return claims
  try {
    const known = new Set(claims)
    return new Set([...order(claims).filter((step) => known.has(step)), ...claims])
  } catch (error) {
    const err = describeError(error)
    logger.error({ err }, 'the ordering hook failed; steps start in the order of their claim')
    return claims
  }
}
