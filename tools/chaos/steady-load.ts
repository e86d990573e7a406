// The load of the soak: tasks of the mixture at a steady rate, as far as the machine can bear it, and retention that removes the
// ended ones behind it. What must have become of all of them, kept or removed, is known.
import { setTimeout as pause } from 'node:timers/promises'
import type { Tasker } from '@tasker/engine'
import { accountCount, mixture } from './casts/soak.ts'
import type { ChaosStage } from './stage.ts'

export interface LoadOptions {
  /** One of each share of the mixture, so often. */
  readonly everyMs: number
  /** Ended tasks are kept for so long. */
  readonly retentionMs: number
}

/** Beyond so many tasks that have not ended the machine is too slow for the rate: a queue would grow, which is no leak. */
const openMax = 100

const tasksPerRound = mixture.reduce((sum, { share }) => sum + share, 0)

export class SteadyLoad {
  readonly #stage: ChaosStage
  readonly #tasker: Tasker
  readonly #options: LoadOptions
  readonly #over = new AbortController()
  /** By definition and state: `diamond complete`. */
  readonly #pruned = new Map<string, number>()
  #rounds = 0
  #leftOut = 0

  constructor(stage: ChaosStage, tasker: Tasker, options: LoadOptions) {
    this.#stage = stage
    this.#tasker = tasker
    this.#options = options
  }

  get created(): number {
    return this.#rounds * tasksPerRound
  }

  /** Rounds that the machine could not bear. */
  get leftOut(): number {
    return this.#leftOut
  }

  get pruned(): number {
    return [...this.#pruned.values()].reduce((sum, count) => sum + count, 0)
  }

  /** Until `stop`. */
  async run(): Promise<void> {
    await Promise.all([this.#create(), this.#prune()])
  }

  stop(): void {
    this.#over.abort()
  }

  /** When all has ended: every task is there or was removed, in the state that it must end in, and booked once. */
  async check(): Promise<void> {
    const found = new Map(this.#pruned)
    for (const { kind, count } of await this.#stage.ask(keptTasks))
      add(found, String(kind), Number(count))
    const expected = mixture.map(({ name, share, endsAs }): [string, number] => [
      `${name} ${endsAs}`,
      share * this.#rounds,
    ])
    const sorted = (counts: Iterable<[string, number]>): object =>
      Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)))
    this.#stage.expect('tasks, kept and removed', sorted(found), sorted(expected))
    const booked = await this.#stage.count('select sum(booked) from chaos.accounts')
    const bookings = mixture.find(({ name }) => name === 'booking')?.share ?? 0
    this.#stage.expect('bookings, each once', booked, bookings * this.#rounds)
  }

  async #create(): Promise<void> {
    const startedMs = performance.now()
    for (let tick = 1; !this.#over.signal.aborted; tick += 1) {
      if ((await this.#stage.count(openTasks)) > openMax) this.#leftOut += 1
      else {
        await this.#tasker.tasks.createMany(this.#round())
        this.#rounds += 1
      }
      // What a pause of the machine left out is left out: made up for, it would be a burst.
      const passed = Math.floor((performance.now() - startedMs) / this.#options.everyMs)
      tick = Math.max(tick, passed)
      await this.#pause(startedMs + (tick + 1) * this.#options.everyMs - performance.now())
    }
  }

  async #prune(): Promise<void> {
    const { retentionMs } = this.#options
    while (!this.#over.signal.aborted) {
      const { groups } = await this.#tasker.prune({
        olderThanMs: retentionMs,
        states: ['complete', 'error'],
        namespace: 'soak',
      })
      for (const { name, state, count } of groups) add(this.#pruned, `${name} ${state}`, count)
      await this.#pause(retentionMs / 3)
    }
  }

  #round(): Parameters<Tasker['tasks']['createMany']>[0] {
    return mixture.flatMap(({ name, share }) =>
      Array.from({ length: share }, (_, number) => ({
        definition: `soak/${name}`,
        context: { account: (this.#rounds * share + number) % accountCount },
      })),
    )
  }

  async #pause(ms: number): Promise<void> {
    // Called off when the load is over, which is no fault.
    await pause(Math.max(ms, 0), undefined, { signal: this.#over.signal }).catch(() => undefined)
  }
}

function add(counts: Map<string, number>, kind: string, count: number): void {
  counts.set(kind, (counts.get(kind) ?? 0) + count)
}

const openTasks = `select count(*) from tasker.tasks where state in ('pending', 'in_progress')`

const keptTasks = `
  select n.name || ' ' || t.state as kind, count(*) as count
  from tasker.tasks t
  join tasker.definitions d using (definition_id)
  join tasker.named_tasks n using (named_task_id)
  join tasker.task_namespaces s using (namespace_id)
  where s.name = 'soak'
  group by 1`
