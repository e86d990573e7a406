// Measures how loaded this worker is: connections in use, lateness of the event loop, time that recording calls take
// against their own baseline. What follows from it is concurrency.ts.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { ConnectionUse, Database } from '../database/connect.ts'
import type { Load } from './concurrency.ts'

/** Between two measurements of the event loop; the histogram counts it in. */
const resolutionMs = 20

export class LoadMeter {
  readonly #database: Database
  readonly #commits = new CommitLatency()
  #loop: ReturnType<typeof monitorEventLoopDelay> | null = null
  #seen = { sumMs: 0, squaresMs: 0 }
  #uses: { readonly calls: number; readonly transactions: number }[] = []
  #runningMax = 0

  constructor(database: Database) {
    this.#database = database
  }

  start(): void {
    this.#loop = monitorEventLoopDelay({ resolution: resolutionMs })
    this.#loop.enable()
  }

  stop(): void {
    this.#loop?.disable()
    this.#loop = null
  }

  /** Steps that run now. */
  running(count: number): void {
    this.#runningMax = Math.max(this.#runningMax, count)
  }

  /** A recording call of so many outcomes and claims was answered. */
  committed(durationMs: number, stepCount: number): void {
    if (this.#loop !== null) this.#commits.add(durationMs, stepCount)
  }

  /** Looks at what changes too fast to be asked once a decision. */
  sample(): void {
    const { calls, transactions } = this.#database.connections()
    this.#uses.push({ calls: useOf(calls), transactions: useOf(transactions) })
  }

  /** The load since this was asked last. */
  read(): Load {
    const eventLoopDelayMs = this.#eventLoopDelayMs()
    const load = {
      connectionUse: mean(this.#uses.map(({ calls }) => calls)),
      transactionUse: mean(this.#uses.map(({ transactions }) => transactions)),
      eventLoopDelayMs,
      commitSlowdown: this.#commits.slowdown(eventLoopDelayMs),
      runningMax: this.#runningMax,
    }
    this.#uses = []
    this.#runningMax = 0
    return load
  }

  // The interval that a moment falls into on average, so that one long block weighs as much as it lasts. By difference: a
  // reset would lose the interval under way, and with it the block that is being looked for.
  #eventLoopDelayMs(): number {
    if (this.#loop === null || this.#loop.count === 0) return 0
    const { count, mean: meanNs, stddev: deviationNs } = this.#loop
    const sumMs = (count * meanNs) / 1e6
    const squaresMs = (count * (meanNs ** 2 + deviationNs ** 2)) / 1e12
    const { sumMs: sumBeforeMs, squaresMs: squaresBeforeMs } = this.#seen
    this.#seen = { sumMs, squaresMs }
    if (sumMs <= sumBeforeMs) return 0
    return Math.max(0, (squaresMs - squaresBeforeMs) / (sumMs - sumBeforeMs) - resolutionMs)
  }
}

/**
 * A call costs about as much as so many steps before its first one. Measured on 2 busy cores: 10.7 ms for 2 steps, 17.9 for
 * 32, 68.6 for 256; counted so, these differ by a quarter.
 */
const stepsOfEmptyCall = 60
/** No baseline is lower, per such step: a call of one outcome that takes 10 ms has no need to be faster. */
const baselineMinMs = 10 / stepsOfEmptyCall
/** Share of a new value that goes into the smoothed one, each time the load is read. */
const smoothing = 0.3
const baselineFalls = 0.3
/** About 200 readings: a database that stays slow is the new normal in a few minutes. */
const baselineRises = 0.005
/** One call that stood still says no more than one that took ten times as long. */
const slowdownMax = 10

/** Recording calls get longer with what they carry, so their time is counted per step, the call itself as some more. */
export class CommitLatency {
  #window: { readonly durationMs: number; readonly stepCount: number }[] = []
  #smoothedMs: number | null = null
  #baselineMs: number | null = null

  add(durationMs: number, stepCount: number): void {
    this.#window.push({ durationMs, stepCount })
  }

  /**
   * How many times the baseline a call took since this was asked last; 0 when none was made. The answer of a call waits
   * for the event loop, and that is not the database's time.
   */
  slowdown(eventLoopDelayMs: number): number {
    if (this.#window.length === 0) return 0
    const windowMs = median(
      this.#window.map(
        ({ durationMs, stepCount }) =>
          Math.max(0, durationMs - eventLoopDelayMs) / (stepsOfEmptyCall + stepCount),
      ),
    )
    this.#window = []
    const baselineMs = this.#baselineMs ?? windowMs
    const rate = windowMs < baselineMs ? baselineFalls : baselineRises
    this.#baselineMs = baselineMs + (windowMs - baselineMs) * rate
    const floorMs = Math.max(this.#baselineMs, baselineMinMs)
    const boundedMs = Math.min(windowMs, floorMs * slowdownMax)
    const smoothedMs = this.#smoothedMs ?? boundedMs
    this.#smoothedMs = smoothedMs + (boundedMs - smoothedMs) * smoothing
    return this.#smoothedMs / floorMs
  }
}

const useOf = ({ lent, waiting, size }: ConnectionUse): number => (lent + waiting) / size

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
