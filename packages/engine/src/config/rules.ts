// Settings that must agree with each other. Each rule names its options, says what must hold and
// knows when it does not; resolve.ts asks it only when all its options are valid by themselves.
import type { Config, OptionKey } from './options.ts'

export interface Rule {
  /** The options that it compares; a fault is reported at the first. */
  readonly keys: readonly [OptionKey, OptionKey, ...OptionKey[]]
  /** Completes the sentence "<first key> must …". */
  readonly must: string
  readonly isKept: (config: Config) => boolean
}

export const rules: readonly Rule[] = Object.freeze([
  {
    keys: ['execution.minConcurrentSteps', 'execution.maxConcurrentStepsLimit'],
    must: 'not exceed execution.maxConcurrentStepsLimit',
    isKept: ({ execution }) => execution.minConcurrentSteps <= execution.maxConcurrentStepsLimit,
  },
  {
    keys: ['orchestration.leaseMs', 'orchestration.heartbeatIntervalMs'],
    must:
      'be at least twice orchestration.heartbeatIntervalMs, so that one lost renewal is no ' +
      'lost worker',
    isKept: ({ orchestration }) => orchestration.leaseMs >= 2 * orchestration.heartbeatIntervalMs,
  },
  {
    keys: ['database.lockTimeoutMs', 'database.statementTimeoutMs'],
    must: 'not exceed database.statementTimeoutMs, which would end the statement first',
    isKept: ({ database }) =>
      database.statementTimeoutMs === 0 || database.lockTimeoutMs <= database.statementTimeoutMs,
  },
  {
    keys: ['cache.minAdaptiveTtl', 'cache.maxAdaptiveTtl'],
    must: 'be less than cache.maxAdaptiveTtl',
    isKept: ({ cache }) => cache.minAdaptiveTtl < cache.maxAdaptiveTtl,
  },
  {
    keys: ['cache.adaptiveTtlEnabled', 'cache.performanceTrackingEnabled'],
    must: 'be false while cache.performanceTrackingEnabled is, because it has nothing to adapt to',
    isKept: ({ cache }) => !cache.adaptiveTtlEnabled || cache.performanceTrackingEnabled,
  },
  {
    keys: [
      'dependencyGraph.severityThresholds.critical',
      'dependencyGraph.severityThresholds.high',
    ],
    must: 'be greater than dependencyGraph.severityThresholds.high',
    isKept: ({ dependencyGraph: { severityThresholds } }) =>
      severityThresholds.critical > severityThresholds.high,
  },
  {
    keys: ['dependencyGraph.severityThresholds.high', 'dependencyGraph.severityThresholds.medium'],
    must: 'be greater than dependencyGraph.severityThresholds.medium',
    isKept: ({ dependencyGraph: { severityThresholds } }) =>
      severityThresholds.high > severityThresholds.medium,
  },
  {
    keys: ['telemetry.prometheus.username', 'telemetry.prometheus.password'],
    must: 'be given together with telemetry.prometheus.password, or neither',
    isKept: ({ telemetry: { prometheus } }) =>
      (prometheus.username === null) === (prometheus.password === null),
  },
  {
    keys: ['telemetry.prometheus.safetyMargin', 'telemetry.prometheus.retentionWindow'],
    must: 'be less than telemetry.prometheus.retentionWindow',
    isKept: ({ telemetry: { prometheus } }) => prometheus.safetyMargin < prometheus.retentionWindow,
  },
  {
    keys: ['telemetry.exports.targets', 'telemetry.prometheus.endpoint'],
    must: 'have no target `prometheus` beside telemetry.prometheus.endpoint, which is called so',
    isKept: ({ telemetry: { exports, prometheus } }) =>
      prometheus.endpoint === null || !Object.hasOwn(exports.targets, 'prometheus'),
  },
  {
    keys: ['auth.authenticationEnabled', 'auth.authenticator'],
    must: 'be false while there is no auth.authenticator',
    isKept: ({ auth }) => !auth.authenticationEnabled || auth.authenticator !== null,
  },
  {
    keys: ['engine.identityStrategy', 'engine.identity'],
    must: 'be "custom" exactly when there is a function in engine.identity',
    isKept: ({ engine }) => (engine.identityStrategy === 'custom') === (engine.identity !== null),
  },
])
