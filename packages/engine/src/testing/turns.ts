// Runs what is due, one worker at a time: each turn makes a real worker, lets it claim and run, and stops it. Between two
// turns nothing runs, so that a test can look, and time moves only as told.
import { Worker, type WorkerOptions } from '../dispatch/worker.ts'
import type { EventName } from '../events/catalogue.ts'
import { Life } from './life.ts'
import type { Script } from './script.ts'
import type { TestClock } from './test-clock.ts'

export interface TurnOptions {
  /** What the workers of the Tasker are made of. */
  readonly parts: WorkerOptions
  readonly clock: TestClock
  readonly script: Script
}

/** One worker at work. */
interface Shift {
  readonly worker: Worker
  readonly life: Life
}

/** What an operator calls off through the Tasker may run in a worker of the kit. */
class OwnWorker extends Worker {
  readonly #alsoCallOff: Worker['callOff']

  constructor(options: WorkerOptions, alsoCallOff: Worker['callOff']) {
    super(options)
    this.#alsoCallOff = alsoCallOff
  }

  override callOff(...[claims]: Parameters<Worker['callOff']>): void {
    super.callOff(claims)
    this.#alsoCallOff(claims)
  }
}

/** After these, steps that hang may be all that runs. */
const endings: readonly EventName[] = [
  'step.completed',
  'step.failed',
  'step.waiting',
  'step.outcome_refused',
]

export class Turns {
  readonly #options: TurnOptions
  #shift: Shift | null = null

  constructor(options: TurnOptions) {
    this.#options = options
  }

  /** The worker of the Tasker itself, which a test may start. Scripted too; it neither hangs nor dies. */
  ownWorker(): Worker {
    const definitions = this.#scripted(null)
    return new OwnWorker({ ...this.#options.parts, definitions }, (claims) =>
      this.#shift?.worker.callOff(claims),
    )
  }

  /** Runs what is due now and whatever becomes due by it. Returns the names of the steps that were started. */
  run(): Promise<readonly string[]> {
    return this.#turn(async (shift) => {
      shift.life.open()
      await this.#quiet(shift)
    })
  }

  /** Runs exactly the steps that are due now, not those that become due by them. */
  runWave(): Promise<readonly string[]> {
    return this.#turn(async (shift) => {
      await settled(shift)
      const stopped = this.#stop(shift) // claims nothing more, and waits for what was claimed
      shift.life.open()
      await this.#quiet(shift)
      await stopped
    })
  }

  /** Like `run`, with a worker that lives long enough to take over the steps of those that died. */
  runRescue(): Promise<readonly string[]> {
    const { leaseMs, scanIntervalMs } = this.#options.parts.config.orchestration
    return this.#turn(async (shift) => {
      shift.life.open()
      await this.#quiet(shift)
      if (!shift.life.isDead) await this.#options.clock.advance(leaseMs + scanIntervalMs)
      await this.#quiet(shift)
    })
  }

  async #turn(act: (shift: Shift) => Promise<void>): Promise<readonly string[]> {
    if (this.#shift !== null)
      throw new Error('The kit runs already: await one run before the next.')
    const shift = this.#newShift()
    const { bus } = this.#options.parts
    const unsubscribe = endings.map((name) => bus.on(name, () => shift.life.changed()))
    this.#shift = shift
    try {
      await shift.worker.start()
      await act(shift)
      await this.#stop(shift)
    } catch (error) {
      void shift.life.die() // nothing of it may go on
      throw error
    } finally {
      this.#shift = null
      for (const end of unsubscribe) end()
    }
    return shift.life.claimed
  }

  #newShift(): Shift {
    const { parts, clock } = this.#options
    const life = new Life(clock)
    const definitions = this.#scripted(life)
    return { worker: new Worker({ ...parts, ...life.partsOf(parts), definitions }), life }
  }

  #scripted(life: Life | null): WorkerOptions['definitions'] {
    const { parts, script } = this.#options
    const { stepTimeoutMs } = parts.config.execution
    const scripted = [...parts.definitions].map(
      ([id, definition]) => [id, script.around(definition, life, stepTimeoutMs)] as const,
    )
    return new Map(scripted)
  }

  /** Resolves when nothing runs any more, or the worker has died. Handlers that hang are run into their time limit. */
  async #quiet(shift: Shift): Promise<void> {
    const { worker, life } = shift
    for (;;) {
      const changed = life.nextChange.then(() => 'changed' as const)
      await settled(shift)
      if (life.isDead) return
      if (life.hanging.length > 0 && worker.runningCount === life.hanging.length) {
        await this.#timeOut(life)
        continue
      }
      const idle = worker.idle().then(() => 'over' as const)
      const dead = life.died.then(() => 'over' as const)
      if ((await Promise.race([idle, dead, changed])) === 'over') return
    }
  }

  async #timeOut({ hanging }: Life): Promise<void> {
    const ends = hanging.flatMap(({ endsAtMs }) => (endsAtMs === null ? [] : [endsAtMs]))
    if (ends.length === 0) {
      const names = hanging.map(({ stepName }) => stepName).join(', ')
      throw new Error(
        `${names} hangs and has no time limit: give the step a timeoutMs, or set execution.stepTimeoutMs.`,
      )
    }
    await this.#options.clock.advanceTo(new Date(Math.min(...ends)))
  }

  async #stop({ worker, life }: Shift): Promise<void> {
    if (life.isDead) return
    // Without end: the kit itself knows when nothing runs any more.
    await Promise.race([worker.stop({ waitMs: Number.POSITIVE_INFINITY, abortMs: 0 }), life.died])
  }
}

const settled = ({ worker, life }: Shift): Promise<void> =>
  Promise.race([worker.settled(), life.died])
