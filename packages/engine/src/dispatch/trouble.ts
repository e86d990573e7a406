// What goes wrong between worker and database, said once each: unreachable and back again, and defects of ours. Also the
// pause before a failed call is repeated.
import type { Clock } from '../clock.ts'
import type { EventBus } from '../events/bus.ts'
import type { Logger } from '../log.ts'
import { describeError } from '../steps/outcome.ts'

export interface TroubleOptions {
  readonly logger: Logger
  readonly bus: EventBus
  readonly clock: Clock
  workerId(): number
}

/** Between two tries of a call that failed. */
const repeatDelayMs = 250

export class Trouble {
  readonly #options: TroubleOptions
  #isOffline = false
  #isOver = false
  #lastDefect: string | null = null

  constructor(options: TroubleOptions) {
    this.#options = options
  }

  /** The worker has stopped: nothing more is worth saying. */
  end(): void {
    this.#isOver = true
  }

  reachable(isReachable: boolean, error: unknown): void {
    if (this.#isOffline !== isReachable || this.#isOver) return
    this.#isOffline = !isReachable
    const { bus, logger } = this.#options
    const workerId = this.#options.workerId()
    if (isReachable) logger.info({ workerId }, 'the database answers again')
    else {
      const err = describeError(error)
      logger.warn({ workerId, err }, 'the database does not answer; the worker waits for it')
    }
    bus.publish('worker.state_changed', { workerId, state: isReachable ? 'live' : 'offline' })
  }

  defect(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error)
    if (message === this.#lastDefect) return
    this.#lastDefect = message
    const err = describeError(error)
    this.#options.logger.error({ err }, 'a defect of Tasker; what failed is repeated')
  }

  /** The worker was given up by the others and goes on under a new id. */
  replaced(): void {
    const { bus, logger } = this.#options
    const workerId = this.#options.workerId()
    logger.warn({ workerId }, 'this worker was given up; it goes on under a new id')
    bus.publish('worker.state_changed', { workerId, state: 'live' })
  }

  /** The sweep found steps wrongly due or not due. */
  repaired(count: number): void {
    const message = 'steps were wrongly due or not due; repaired. Please report this defect'
    this.#options.logger.error({ count }, message)
  }

  /** Says it, and resolves when the call may be sent again. */
  async afterFailure(error: unknown, kind: 'unreachable' | 'defect'): Promise<void> {
    if (kind === 'unreachable') this.reachable(false, error)
    else this.defect(error)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#options.clock.schedule(repeatDelayMs, resolve)
    await promise
  }
}
