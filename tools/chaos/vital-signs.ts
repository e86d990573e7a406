// What of a running system must stand still under a steady load, read at one moment: memory of the workers, latency, sizes
// and dead rows of tables and indexes, connections, and what lies about. Whether it stands still is slope.ts; when to read
// and what to make of it is scenarios/soak.ts.
import { quantile } from './recovery.ts'
import { trendOf, type Trend } from './slope.ts'
import type { ChaosStage } from './stage.ts'

/** One number for each sign, by its name. */
export type Reading = Readonly<Record<string, number>>

/** How much more there may be in the end than in the beginning. */
interface Bound {
  /** Of the mean. */
  readonly share: number
  /** Whatever the mean: one page, one connection, one blink. */
  readonly least: number
}

export interface Finding extends Trend {
  readonly sign: string
  /** The drift that is no fault. */
  readonly allowed: number
  /** False of a single table or index, which is worth a line only when it grows. */
  readonly isMain: boolean
}

const mebibyte = 1024 * 1024

/**
 * In full: what grows by less than this in half an hour needs most of a day to double. The short form runs before compiled
 * code, caches and free space have settled: it sees leaks only that are gross.
 */
const bounds: readonly { readonly of: RegExp; readonly full: Bound; readonly short: Bound }[] = [
  { of: /^heap /, full: within(0.05, mebibyte), short: within(0.15, 2 * mebibyte) },
  { of: /^buffers /, full: within(0.05, mebibyte), short: within(0.15, 2 * mebibyte) },
  { of: /^resident memory /, full: within(0.25, 5 * mebibyte), short: within(0.5, 16 * mebibyte) },
  { of: /^memory /, full: within(0.05, 5 * mebibyte), short: within(0.2, 16 * mebibyte) },
  { of: /^hop /, full: within(0.15, 0.5), short: within(0.5, 2) },
  { of: /^bytes of (tables|indexes)$/, full: within(0.05, mebibyte), short: within(0.3, mebibyte) },
  { of: /^bytes of /, full: within(0.1, mebibyte / 4), short: within(0.5, mebibyte / 2) },
  { of: /^dead rows/, full: within(0.25, 2_000), short: within(1, 5_000) },
  { of: /^connections/, full: within(0, 1), short: within(0, 2) },
  { of: /^(tasks not ended|due|receipts)/, full: within(0.2, 10), short: within(0.5, 20) },
]

const isMain = (sign: string): boolean => !/^bytes of (?!tables$|indexes$)/.test(sign)

function within(share: number, least: number): Bound {
  return { share, least }
}

/** Hops since the last reading are taken from the messages of the workers. */
export class VitalSigns {
  readonly #stage: ChaosStage
  readonly #readings: Reading[] = []
  readonly #heard = new Map<string, number>()

  constructor(stage: ChaosStage) {
    this.#stage = stage
  }

  async read(): Promise<void> {
    this.#readings.push({
      ...(await this.#ofWorkers()),
      ...this.#ofHops(),
      ...(await this.#ofRelations()),
      ...(await this.#ofRows()),
    })
  }

  /** Forgets what was read: it was the warm-up. */
  start(): void {
    this.#ofHops()
    this.#readings.length = 0
  }

  /** For whoever wants to see the curve behind a slope. */
  get readings(): readonly Reading[] {
    return this.#readings
  }

  /** The trend of each sign that every reading has. */
  findings(): readonly Finding[] {
    const [first = {}] = this.#readings
    return Object.keys(first).map((sign) => {
      const trend = trendOf(this.#readings.map((reading) => reading[sign] ?? 0))
      return { sign, ...trend, allowed: this.#allowed(sign, trend.mean), isMain: isMain(sign) }
    })
  }

  #allowed(sign: string, mean: number): number {
    const bound = bounds.find(({ of }) => of.test(sign))
    if (bound === undefined) throw new Error(`nothing says how much ${sign} may grow`)
    const { share, least } = this.#stage.isShort ? bound.short : bound.full
    return Math.max(mean * share, least)
  }

  async #ofWorkers(): Promise<Reading> {
    const measured = await Promise.all(
      this.#stage.workers.map(async (worker) => ({ ...(await worker.measure()), of: worker.name })),
    )
    return Object.fromEntries(
      measured.flatMap(({ of, heapBytes, externalBytes, outsideBytes, rssBytes }) => [
        [`heap of ${of}, bytes`, heapBytes],
        [`buffers of ${of}, bytes`, externalBytes],
        [`memory of ${of} outside its heap, bytes`, outsideBytes],
        [`resident memory of ${of}, bytes`, rssBytes],
      ]),
    )
  }

  #ofHops(): Reading {
    const hopsMs = this.#stage.workers.flatMap(({ name, messages }) => {
      const fresh = messages.slice(this.#heard.get(name) ?? 0)
      this.#heard.set(name, messages.length)
      return fresh.flatMap((message) =>
        // casts/soak.ts says nothing else than these.
        message.kind === 'said' ? (message.about['ms'] as readonly number[]) : [],
      )
    })
    return {
      'hop p50, ms': quantile(hopsMs, 0.5) ?? 0,
      'hop p99, ms': quantile(hopsMs, 0.99) ?? 0,
    }
  }

  async #ofRelations(): Promise<Reading> {
    const relations = await this.#stage.ask(relationSizes)
    const sizes = relations.map(({ name, kind, bytes }) => ({
      name: String(name),
      isIndex: kind === 'i',
      bytes: Number(bytes),
    }))
    const sum = (isIndex: boolean): number =>
      sizes
        .filter((relation) => relation.isIndex === isIndex)
        .reduce((total, { bytes }) => total + bytes, 0)
    return {
      'bytes of tables': sum(false),
      'bytes of indexes': sum(true),
      ...Object.fromEntries(sizes.map(({ name, bytes }) => [`bytes of ${name}`, bytes])),
    }
  }

  async #ofRows(): Promise<Reading> {
    const [row = {}] = await this.#stage.ask(rowCounts)
    return Object.fromEntries(Object.entries(row).map(([sign, count]) => [sign, Number(count)]))
  }
}

/** With what stands beside the rows of a table: long values, its maps. */
const relationSizes = `
  select c.relname as name, c.relkind as kind,
    case c.relkind when 'i' then pg_relation_size(c.oid) else pg_table_size(c.oid) end as bytes
  from pg_class c
  where c.relnamespace = 'tasker'::regnamespace and c.relkind in ('r', 'i')
  order by c.relname`

const rowCounts = `
  select
    (select coalesce(sum(n_dead_tup), 0) from pg_stat_user_tables where schemaname = 'tasker')
      as "dead rows",
    (select count(*) from pg_stat_activity
     where backend_type = 'client backend' and application_name = 'soak')
      as "connections of workers",
    (select count(*) from tasker.tasks where state in ('pending', 'in_progress')) as "tasks not ended",
    (select count(*) from tasker.due) as "due rows",
    (select count(*) from tasker.receipts) as "receipts"`
