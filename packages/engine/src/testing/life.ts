// The life of one worker of the kit, which can end at any point as if its process had been killed: from then on it gets no
// answer from the database, its connections break, its timers do not fire, and what it was doing is never heard of.
import type { Clock } from '../clock.ts'
import type { Database, Row, TransactionConnection } from '../database/connect.ts'
import type { ClaimedStep } from '../database/steps.ts'
import type { StepExecution } from '../definitions/model.ts'
import type { WorkerOptions } from '../dispatch/worker.ts'

/** Where a worker can be made to crash. `CrashPoint` says what each means; these are the ones after the handler. */
export type RecordingPoint = 'before_commit' | 'after_record'

/** One claim of one step, as handlers know it. */
export interface ClaimName {
  readonly taskId: string
  readonly stepName: string
  readonly claimNo: number
}

/** A handler that does not return before it is called off. */
export interface Hanging {
  readonly stepName: string
  /** When its time limit ends it, in milliseconds since 1970; null: nothing ends it. */
  readonly endsAtMs: number | null
}

const never = (): Promise<never> => new Promise(() => undefined)

export class Life {
  /** Names of the steps this worker has claimed, in that order. */
  readonly claimed: string[] = []
  readonly #hanging = new Set<Hanging>()
  readonly #names = new Map<string, string>()
  readonly #crashes = new Map<string, RecordingPoint>()
  readonly #timers = new Set<() => void>()
  readonly #lent = new Set<TransactionConnection>()
  readonly #death = Promise.withResolvers<void>()
  readonly #gate = Promise.withResolvers<void>()
  #change = Promise.withResolvers<void>()
  readonly #clock: Clock
  #isDead = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get isDead(): boolean {
    return this.#isDead
  }

  /** Resolves when the worker has died. */
  get died(): Promise<void> {
    return this.#death.promise
  }

  /** Resolves when handlers may begin. */
  get opened(): Promise<void> {
    return this.#gate.promise
  }

  open(): void {
    this.#gate.resolve()
  }

  /** Resolves when less may run than now, or one more handler hangs. */
  get nextChange(): Promise<void> {
    return this.#change.promise
  }

  changed(): void {
    this.#change.resolve()
    this.#change = Promise.withResolvers()
  }

  /** Ends it. Who awaits the answer was part of it, and ends here too. */
  die(): Promise<never> {
    this.#isDead = true
    for (const cancel of this.#timers) cancel()
    // The server notices that the connection is gone, and rolls back.
    for (const connection of this.#lent) connection.release(true)
    this.#death.resolve()
    return never()
  }

  get hanging(): readonly Hanging[] {
    return [...this.#hanging]
  }

  /** Waits until a handler that does nothing is called off. */
  async hang({ stepName, signal }: StepExecution, timeoutMs: number | null): Promise<never> {
    const { promise, resolve } = Promise.withResolvers<void>()
    signal.addEventListener('abort', () => resolve())
    const endsAtMs = timeoutMs === null ? null : this.#clock.nowMs() + timeoutMs
    const hanging = { stepName, endsAtMs }
    this.#hanging.add(hanging)
    this.changed()
    await promise
    this.#hanging.delete(hanging)
    throw signal.reason
  }

  /** The worker dies when it records the outcome of this claim. */
  crashAt(point: RecordingPoint, claim: ClaimName): void {
    this.#crashes.set(claimText(claim), point)
  }

  /** The parts of a worker that this life is about. */
  partsOf(options: WorkerOptions): Pick<WorkerOptions, 'clock' | 'database' | 'order'> {
    return {
      clock: this.#clockOf(options.clock),
      database: this.#databaseOf(options.database),
      order: (steps) => {
        for (const step of steps) this.#note(step)
        return options.order?.(steps) ?? steps
      },
    }
  }

  #note({ taskId, stepNo, name }: ClaimedStep): void {
    if (name === null) return // the annotations hook or the deadline
    this.#names.set(`${taskId}/${stepNo}`, name)
    this.claimed.push(name)
  }

  #clockOf(clock: Clock): Clock {
    return {
      ...clock,
      schedule: (delayMs, run) => {
        if (this.#isDead) return () => undefined
        const end = (): void => void this.#timers.delete(cancel)
        const callOff = clock.schedule(delayMs, () => {
          end()
          // A test clock waits for what a timer starts, and a dead worker finishes nothing.
          return Promise.race([run(), this.died])
        })
        const cancel = (): void => {
          end()
          callOff()
        }
        this.#timers.add(cancel)
        return cancel
      },
    }
  }

  #databaseOf(database: Database): Database {
    return {
      ...database,
      run: async (name, text, values, manner) => {
        if (this.#isDead) return never()
        const rows = await this.#whileAlive(database.run(name, text, values, manner))
        if (name !== 'finish_steps') return rows
        if (this.#crashOf(values) === 'after_record') return this.die()
        this.changed() // outcomes that no event tells of are recorded as well: those of annotations
        return rows
      },
      transactionClient: async (signal) => {
        if (this.#isDead) return never()
        const connection = await this.#whileAlive(database.transactionClient(signal), (late) =>
          late.release(true),
        )
        return this.#connectionOf(connection)
      },
    }
  }

  #connectionOf(connection: TransactionConnection): TransactionConnection {
    let crash: RecordingPoint | null = null
    this.#lent.add(connection)
    return {
      lost: connection.lost,
      query: async (text, values) =>
        this.#isDead ? never() : this.#whileAlive(connection.query(text, values)),
      ask: async (name, text, values) => {
        if (this.#isDead) return never()
        if (name === 'finish_steps') crash = this.#crashOf(values ?? [])
        if (name === 'commit' && crash === 'before_commit') return this.die()
        const answer = await this.#whileAlive(connection.ask(name, text, values))
        return name === 'commit' && crash === 'after_record' ? this.die() : answer
      },
      release: (isInDoubt) => {
        if (this.#lent.delete(connection) && !this.#isDead) connection.release(isInDoubt)
      },
    }
  }

  // Which crash is meant for an outcome of this call; its third value holds the outcomes.
  #crashOf(values: readonly unknown[]): RecordingPoint | null {
    if (this.#crashes.size === 0) return null
    const outcomes = JSON.parse(String(values[2])) as readonly Row[] // see encodeOutcomes
    for (const { task_id: taskId, step_no: stepNo, claim_no: claimNo } of outcomes) {
      const stepName = this.#names.get(`${String(taskId)}/${String(stepNo)}`) ?? ''
      const claim = { taskId: String(taskId), stepName, claimNo: Number(claimNo) }
      const point = this.#crashes.get(claimText(claim))
      if (point !== undefined) return point
    }
    return null
  }

  async #whileAlive<T>(answer: Promise<T>, giveUp?: (value: T) => void): Promise<T> {
    try {
      const value = await answer
      if (!this.#isDead) return value
      giveUp?.(value)
      return await never()
    } catch (error) {
      if (this.#isDead) return never()
      throw error
    }
  }
}

const claimText = ({ taskId, stepName, claimNo }: ClaimName): string =>
  `${taskId}/${claimNo}/${stepName}`
