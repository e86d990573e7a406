// The option `telemetry.routes`: where events are told, where that differs from the defaults. Which names there are is known
// only with the definitions; telemetry/router/ checks them.
import { z } from 'zod'
import { mapOf, type Kind } from '../kinds.ts'
import { inCamelCase, option } from '../option.ts'

export interface RouteChange {
  readonly backends?: readonly ('trace' | 'metrics' | 'logs')[]
  readonly enabled?: boolean
  readonly samplingRate?: number
  readonly priority?: 'low' | 'normal' | 'high' | 'critical'
}

const change = z.strictObject({
  backends: z.array(z.enum(['trace', 'metrics', 'logs'])).optional(),
  enabled: z.boolean().optional(),
  samplingRate: z.number().min(0).max(1).optional(),
  priority: z.enum(['low', 'normal', 'high', 'critical']).optional(),
})

const route: Kind<RouteChange> = {
  // True because an absent part is left out by the preprocessing, and the schema has the same parts.
  type: z.preprocess(inCamelCase, change) as z.ZodType as z.ZodType<RouteChange>,
  expects:
    'a map of backends (a list of "trace", "metrics", "logs"), enabled (true or false), samplingRate (a number ' +
    'from 0 to 1) and priority ("low", "normal", "high" or "critical")',
  entryExpects: null,
  range: null,
  parseText: null,
}

export const eventRoutesOption = option(mapOf(route), {
  default: {},
  help:
    'Where events are told, by name or pattern (`step.failed`, `task.*`, `*`; the longest pattern goes before the ' +
    'others, a name before all), where it differs from the table in docs/reference/events.md. `samplingRate` is the share of ' +
    'the tasks of which traces and logs are told. Subscribers hear of every event.',
  reason: 'Only you know which events are worth a line or a span.',
})
