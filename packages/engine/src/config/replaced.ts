// Keys of the first generation that are refused, each with the reason and what takes its place. A
// configuration that was carried over is then told what to do, instead of "unknown key".
import type { OptionKey } from './options.ts'

export interface ReplacedKey {
  /** Dotted, in camelCase. Stands for everything below it as well. */
  readonly key: string
  /** Why it is gone: a sentence. */
  readonly reason: string
  /** The options that now do it; none when it can only be removed. */
  readonly replacedBy: readonly OptionKey[]
}

const oneDueTime =
  'One due time per step replaces it: the database computes when a task wakes, so nothing is ' +
  're-enqueued. ' +
  'Waits of failed steps come from backoff.defaultBackoffSeconds and backoff.maxBackoffSeconds.'
const noBatches =
  'Steps are not waited for in batches: each has a timeout of its own, `timeoutMs` on the step.'
const hostMethods =
  'Nothing is looked up by name on a host object; the authenticator is one object.'

export const replacedKeys: readonly ReplacedKey[] = Object.freeze([
  gone('authentication', 'One section has one name: auth.', []),
  gone('auth.enabled', 'Authentication and authorization are switched apart.', [
    'auth.authenticationEnabled',
    'auth.authorizationEnabled',
  ]),
  gone('auth.strategy', 'An authenticator is given as an object, not chosen by a word.', [
    'auth.authenticator',
  ]),
  gone('auth.options', 'An authenticator gets its options when it is made.', [
    'auth.authenticator',
  ]),
  gone('auth.authenticatorClass', 'Classes are not resolved by name.', ['auth.authenticator']),
  gone('auth.currentUserMethod', hostMethods, ['auth.authenticator']),
  gone('auth.authenticateUserMethod', hostMethods, ['auth.authenticator']),
  gone('auth.userClass', hostMethods, ['auth.authenticator']),
  gone('auth.authorizationCoordinatorClass', 'Classes are not resolved by name.', [
    'auth.authorizationCoordinator',
  ]),
  gone('auth.coordinatorClass', 'Classes are not resolved by name.', [
    'auth.authorizationCoordinator',
  ]),
  gone(
    'database.name',
    'There are no named connections: the URL says which database holds the tables.',
    ['database.url', 'database.separate'],
  ),
  gone(
    'database.enableSecondaryDatabase',
    'The URL says which database holds the tables; that the handlers use another is said by ' +
      'database.separate.',
    ['database.url', 'database.separate'],
  ),
  gone('telemetry.config.filteredEvents', 'It stood in two places.', ['telemetry.filteredEvents']),
  gone('telemetry.config.samplingRate', 'It stood in two places.', ['telemetry.eventSamplingRate']),
  gone('telemetry.config.batchEvents', 'Batching belongs to the exporter that you register.', []),
  gone('telemetry.config.bufferSize', 'Batching belongs to the exporter that you register.', []),
  gone('telemetry.config.flushInterval', 'Batching belongs to the exporter that you register.', []),
  gone('telemetry.config.asyncProcessing', 'Each subscriber says whether it is asynchronous.', []),
  gone(
    'telemetry.config.enableMemoization',
    'It never had an effect; there is nothing to turn off.',
    [],
  ),
  gone('telemetry.config', 'This map never had an effect; its options stand one level up.', [
    'telemetry.filteredEvents',
    'telemetry.eventSamplingRate',
  ]),
  gone('health.statusEndpointRequiresAuth', 'It stood there twice, under two names.', [
    'health.statusRequiresAuthentication',
  ]),
  gone('engine.identityStrategyClass', 'A function is given instead of the name of a class.', [
    'engine.identity',
  ]),
  gone('backoff.reenqueueDelays', oneDueTime, []),
  gone('backoff.defaultReenqueueDelay', oneDueTime, []),
  gone('backoff.bufferSeconds', oneDueTime, []),
  gone('execution.batchTimeoutBaseSeconds', noBatches, ['execution.stepTimeoutMs']),
  gone('execution.batchTimeoutPerStepSeconds', noBatches, ['execution.stepTimeoutMs']),
  gone('execution.maxBatchTimeoutSeconds', noBatches, ['execution.stepTimeoutMs']),
  gone(
    'orchestration.coordinatorClass',
    'The coordinator is not exchanged: priorities of tasks and steps, and the ordering hook ' +
      'over claimed steps, ' +
      'say what runs first.',
    [],
  ),
  gone(
    'orchestration.reenqueuerClass',
    'Nothing is re-enqueued; what carries the wake-ups of workers is the dispatch port.',
    [],
  ),
])

/** The entry for this key or for what it stands in; the longest match counts. */
export function findReplaced(key: string): ReplacedKey | null {
  const matches = replacedKeys.filter(
    (entry) => key === entry.key || key.startsWith(`${entry.key}.`),
  )
  return matches.toSorted((a, b) => b.key.length - a.key.length)[0] ?? null
}

/** Reason and cure, as the message of a fault. */
export function refusal(entry: ReplacedKey): string {
  const cure =
    entry.replacedBy.length === 0 ? 'Remove the key.' : `Use ${entry.replacedBy.join(' and ')}.`
  return `no longer an option. ${entry.reason} ${cure}`
}

function gone(key: string, reason: string, replacedBy: readonly OptionKey[]): ReplacedKey {
  return Object.freeze({ key, reason, replacedBy: Object.freeze(replacedBy) })
}
