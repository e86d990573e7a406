// What goes wrong around a worker, said once each: a database that is unreachable and back again, outcomes that came too
// late, handlers that block everything, and defects of ours. Also the pause before a failed call is repeated.
import type { Clock } from '../clock.ts'
import type { FinishReply } from '../database/steps.ts'
import type { EventBus } from '../events/bus.ts'
import type { Logger } from '../log.ts'
import type { Blockage } from '../steps/blocked-loop.ts'
import { describeError } from '../steps/describe-error.ts'
import { stepHappened, type SentAttempt } from './publish.ts'

export interface TroubleOptions {
  readonly logger: Logger
  readonly bus: EventBus
  readonly clock: Clock
  /** Uniform in [0, 1): keeps workers that met one outage from repeating their calls in step. */
  readonly random: () => number
  workerId(): number
}

/**
 * What has to succeed for a worker to be live: its calls (claims and outcomes) and its heartbeat. Each answers for itself:
 * on a full disk, for example, heartbeats go on while calls fail. Both write, so a server that only reads fails both.
 */
export type Exchange = 'calls' | 'heartbeat'

/** Between two tries of a call that failed: doubled from the first to the longest, less up to a half by chance. */
const repeatDelayMs = { first: 250, longest: 2_000 }

export class Trouble {
  readonly #options: TroubleOptions
  readonly #failing = new Set<Exchange>()
  #isOffline = false
  #hasFailedSinceBeat = false
  #failuresInRow = 0
  #isOver = false
  #lastDefect: string | null = null
  #lateOutcomeCount = 0

  constructor(options: TroubleOptions) {
    this.#options = options
  }

  /** Outcomes that were refused because the step was no longer this worker's. */
  get lateOutcomeCount(): number {
    return this.#lateOutcomeCount
  }

  /** The worker has stopped: nothing more is worth saying. */
  end(): void {
    this.#isOver = true
  }

  /**
   * The end of an outage is said when nothing failed from one heartbeat to the next: a disk that is almost full, or a
   * server that takes some connections and refuses others, is one outage and not twenty.
   */
  answered(exchange: Exchange): void {
    this.#failing.delete(exchange)
    if (exchange === 'calls') this.#failuresInRow = 0
    else this.#beatAnswered()
  }

  #beatAnswered(): void {
    const isQuiet = this.#failing.size === 0 && !this.#hasFailedSinceBeat
    this.#hasFailedSinceBeat = false
    if (!this.#isOffline || !isQuiet || this.#isOver) return
    this.#isOffline = false
    const { bus, logger } = this.#options
    const workerId = this.#options.workerId()
    logger.info({ workerId }, 'the database answers again')
    bus.publish('worker.state_changed', { workerId, state: 'live' })
  }

  /** Says it when the worker was live until now. */
  failed(exchange: Exchange, error: unknown): void {
    this.#failing.add(exchange)
    this.#hasFailedSinceBeat = true
    if (this.#isOffline || this.#isOver) return
    this.#isOffline = true
    const { bus, logger } = this.#options
    const workerId = this.#options.workerId()
    // The sentence says it all; where in our code it was met helps nobody.
    const { stack: _stack, ...err } = describeError(error)
    logger.warn({ workerId, err }, 'the database cannot be used; the worker waits for it')
    bus.publish('worker.state_changed', { workerId, state: 'offline' })
  }

  defect(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error)
    if (message === this.#lastDefect) return
    this.#lastDefect = message
    const err = describeError(error, { keepsOwnFrames: true })
    this.#options.logger.error({ err }, 'a defect of Tasker; what failed is repeated')
  }

  /** The worker was given up by the others and goes on under a new id. */
  replaced(): void {
    const { bus, logger } = this.#options
    const workerId = this.#options.workerId()
    logger.warn({ workerId }, 'this worker was given up; it goes on under a new id')
    // While offline, the end of that says it.
    if (!this.#isOffline) bus.publish('worker.state_changed', { workerId, state: 'live' })
  }

  /** The step was taken over or ended meanwhile. The outcome stays in the history, and changes nothing. */
  refused({ step, definition, result }: SentAttempt): void {
    if (result.outcome.kind === 'release') return // called off, and nothing was lost by it
    this.#lateOutcomeCount += 1
    const { bus, logger } = this.#options
    logger.info({ taskId: step.taskId, step: step.name }, 'an outcome came too late')
    bus.publish('step.outcome_refused', () => stepHappened(step, definition))
  }

  /** At a stop, the database did not take these back in time, nor outcomes that were ready. */
  leftBehind(steps: number): void {
    const workerId = this.#options.workerId()
    const message =
      'stopped without handing these steps back: they are taken over when the lease ends, which counts as a loss'
    this.#options.logger.warn({ workerId, steps }, message)
  }

  /** Nothing else could run in this process: heartbeats, aborts and other handlers came late. */
  blocked({ blockedMs, steps, isCertain }: Blockage): void {
    if (this.#isOver) return
    const { bus, logger } = this.#options
    const workerId = this.#options.workerId()
    const names = steps.map(
      ({ namespace, taskName, version, stepName }) =>
        `${namespace}/${taskName}@${version} ${stepName}`,
    )
    const message = isCertain
      ? 'a handler blocked the event loop'
      : 'the event loop was blocked, most likely by the first of these steps'
    logger.warn({ workerId, blockedMs: Math.round(blockedMs), steps: names }, message)
    bus.publish('worker.loop_blocked', { workerId, blockedMs, steps, isCertain })
  }

  /** A worker that was given up had transactions open. */
  leftOpen({ ended, remaining }: NonNullable<FinishReply['zombies']>): void {
    const { logger } = this.#options
    if (ended > 0) logger.warn({ transactions: ended }, 'ended what a lost worker had left open')
    if (remaining === 0) return
    const message =
      'a lost worker left transactions open that could not be ended: a role may end its own sessions only. What they locked stays locked until their timeouts'
    logger.warn({ transactions: remaining }, message)
  }

  /** The sweep found steps wrongly due or not due. */
  repaired(count: number): void {
    const message = 'steps were wrongly due or not due; repaired. Please report this defect'
    this.#options.logger.error({ count }, message)
  }

  /** Says it, and resolves when the call may be sent again. */
  async afterFailure(error: unknown, kind: 'unreachable' | 'defect'): Promise<void> {
    if (kind === 'unreachable') this.failed('calls', error)
    else this.defect(error)
    const { first, longest } = repeatDelayMs
    const delayMs = Math.min(longest, first * 2 ** this.#failuresInRow)
    this.#failuresInRow += 1
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#options.clock.schedule(delayMs * (1 - this.#options.random() / 2), resolve)
    await promise
  }
}
