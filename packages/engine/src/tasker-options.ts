// Everything that `createTasker` takes: the sections of the configuration, and what only code can give.
import type { CacheStore } from './cache/cache-store.ts'
import type { CacheDetector } from './cache/detect-capabilities.ts'
import type { Clock } from './clock.ts'
import type { ResolvedConfig, TaskerOptionsInput } from './config.ts'
import type { HandlerLookup } from './definitions/handler-lookup.ts'
import type { OrderHook } from './dispatch/start-order.ts'
import type { SubscriberSource } from './events/subscriptions.ts'
import type { GivenDefinition } from './given-definitions.ts'
import type { Logger } from './log.ts'
import type { ReadSecret } from './steps/attempt-secrets.ts'
import type { Exporter } from './telemetry/exports/exporter.ts'
import type { LogDestination } from './telemetry/logs/sink.ts'

/** Everything that `createTasker` takes: the sections of the configuration, and what only code can give. */
export interface TaskerOptions extends TaskerOptionsInput {
  /** What may run: builders, task handler classes, definitions read from YAML. */
  readonly definitions?: readonly GivenDefinition[]
  /**
   * Handlers by the names that YAML files use. When given, every file of `engine.taskConfigDirectory` is a definition.
   */
  readonly handlers?: HandlerLookup
  /** Use an already resolved configuration (the command line does); then the sections here must be left out. */
  readonly resolved?: ResolvedConfig
  /** They listen from the beginning; more come with `tasker.events.subscribe`. */
  readonly subscribers?: readonly SubscriberSource[]
  /** What the engine has to say goes here; pino satisfies it. Default: silence. */
  readonly logger?: Logger
  /**
   * Lines of all that happens to tasks and steps, to `logger`; without one, lines of Tasker's own, on stdout or where this
   * says. Those need pino beside Tasker. Default false.
   */
  readonly logs?: boolean | LogDestination
  /**
   * Reads `${secret:NAME}` and `execution.secret(NAME)`, from wherever secrets are kept, each time one is needed. What it
   * returns is replaced in all that an attempt leaves behind. Default: there are none.
   */
  readonly secrets?: ReadSecret
  /** Where results of steps with `cache` are kept, instead of what section `cache` says. It is not closed with Tasker. */
  readonly cacheStore?: CacheStore
  /** Say what stores can do that do not say so themselves; of two that say something the later counts. */
  readonly cacheDetectors?: readonly CacheDetector[]
  /** Decides the order in which steps claimed together are started. Default: as claimed, by priority. */
  readonly order?: OrderHook
  /**
   * Collects metrics: `tasker.metrics`. Needs prom-client beside Tasker. Default false: they cost nothing.
   */
  readonly metrics?: boolean
  /** Keeps the last lines and events of this process in memory, for debugging: `tasker.recent`. Default false. */
  readonly recent?: boolean
  /** Makers of formats of your own: `tasker.exports`. Of one format they are tried before those of Tasker. */
  readonly exporters?: readonly Exporter[]
  /** For tests. Default: the system's. */
  readonly clock?: Clock
  /** Source of jitter, uniform in [0, 1). For tests. Default: Math.random. */
  readonly random?: () => number
}
