// What a container platform does: starts a worker process again whenever it has ended, until told otherwise.
import type { ChaosStage, WorkerRequest } from './stage.ts'
import type { WorkerHandle } from './worker-handle.ts'

/** More would be a process that cannot start. */
const startsMax = 300

export class Supervisor {
  readonly #stage: ChaosStage
  readonly #requests: WorkerRequest[] = []
  #isOver = false
  #ends = 0

  constructor(stage: ChaosStage) {
    this.#stage = stage
  }

  /** Processes that ended by themselves. */
  get ends(): number {
    return this.#ends
  }

  start(request: WorkerRequest): void {
    this.#requests.push(request)
    this.#watch(this.#stage.startWorker({ ...request, mayExit: true }))
  }

  /** Nobody is started again; those that run stop, whatever they have still in them, and fresh ones take their places. */
  async end(): Promise<void> {
    this.#isOver = true
    await Promise.all(
      this.#stage.workers.map((worker) => worker.stop({ waitMs: 1_000, abortMs: 500 })),
    )
    await Promise.all(this.#requests.map((request) => this.#stage.startWorker(request).ready()))
  }

  #watch(worker: WorkerHandle): void {
    void worker.exited.then(() => {
      if (this.#isOver) return
      this.#ends += 1
      if (this.#ends > startsMax) this.#stage.fault(`${worker.name} ends again and again`)
      else this.#watch(this.#stage.replace(worker))
    })
  }
}
