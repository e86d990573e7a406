// The option `dependentSystems`: limits of the systems that steps talk to, by the label that steps give. What they do is
// http/systems/.
import { z } from 'zod'
import type { SystemLimits } from '../../http/systems/limits.ts'
import { mapOf, type Kind } from '../kinds.ts'
import { camelCase } from '../names.ts'
import { isPlainObject, option } from '../option.ts'

const dayMs = 86_400_000
const durationMs = z.int().min(1).max(dayMs)

const breaker = spelledBoth(
  z
    .strictObject({
      failures: z.int().min(1).max(1_000_000).optional(),
      threshold: z.number().gt(0).lt(1).optional(),
      windowMs: durationMs.optional(),
      minimumRequests: z.int().min(1).max(1_000_000).optional(),
      halfOpenAfterMs: durationMs.optional(),
    })
    .refine(({ failures, threshold }) => failures === undefined || threshold === undefined)
    .refine(
      ({ threshold, windowMs, minimumRequests }) =>
        threshold !== undefined || (windowMs === undefined && minimumRequests === undefined),
    ),
)

const limits = spelledBoth(
  z.strictObject({
    maxConcurrentRequests: z.int().min(1).max(1_000_000).optional(),
    rateLimitPerSecond: z.int().min(1).max(1_000_000).optional(),
    circuitBreaker: breaker.optional(),
  }),
)

const system: Kind<SystemLimits> = {
  type: limits,
  expects:
    'a map of maxConcurrentRequests, rateLimitPerSecond (whole numbers from 1) and circuitBreaker ' +
    '({ failures } in a row, or { threshold, windowMs, minimumRequests } with a share between 0 and 1, ' +
    'and halfOpenAfterMs)',
  entryExpects: null,
  range: null,
  parseText: null,
}

export const dependentSystemsOption = option(mapOf(system), {
  default: {},
  help:
    'Limits of other systems, by the label that steps give as `dependentSystem`: requests at once, requests in a ' +
    'second, and a circuit breaker. They hold for each process. A step that a limit keeps back waits without ' +
    'spending an attempt, and `tasker task why` says for what.',
  reason: 'Only their owner knows what a system bears.',
})

/** Keys in camelCase or snake_case, as elsewhere in a file. */
function spelledBoth<Type extends z.ZodType>(type: Type): z.ZodPreprocess<Type> {
  return z.preprocess((given) => {
    if (!isPlainObject(given)) return given
    return Object.fromEntries(Object.entries(given).map(([key, value]) => [camelCase(key), value]))
  }, type)
}
