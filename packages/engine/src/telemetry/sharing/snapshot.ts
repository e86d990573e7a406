// The texts that metrics are shared in: of one start, of all that ended, and the list of starts. Compact, and each says its
// version. What is read is checked: anything may stand in a store.
import { promisify } from 'node:util'
import { deflateRaw, inflateRaw } from 'node:zlib'
import type { MetricType } from '../metrics/catalogue.ts'
import { valueCountOf, type Series, type Totals, type TotalsFamily } from './totals.ts'

const deflate = promisify(deflateRaw)
const inflate = promisify(inflateRaw)

export interface Snapshot {
  readonly start: string
  readonly instance: string
  /** Grows with each that a start writes. */
  readonly sequence: number
  /** By the clock of who wrote it: for people, decides nothing. */
  readonly atMs: number
  /** The process has ended: it is the last. */
  readonly isFinal: boolean
  readonly totals: Totals
}

/** The totals of all starts that ended, and which they are. */
export interface Retired {
  /** The latest, so many as are kept; none of them is ever added again. */
  readonly starts: readonly string[]
  /** All there ever were. */
  readonly count: number
  readonly totals: Totals
}

export interface ListedStart {
  readonly start: string
  readonly instance: string
  /** Its totals are being moved to the retired: it must not write any more under this name. */
  readonly isClosing: boolean
}

/** `foreign`: another version wrote it; nobody else may replace it. `garbage`: nobody of us wrote it. */
export type Unreadable = 'foreign' | 'garbage'

export const isReadable = <Value extends object>(value: Value | Unreadable): value is Value =>
  typeof value !== 'string'

/** Memcached takes a million bytes for one entry. */
export const sharedTextMax = 900_000

const version = 1
/** Beyond it a text is no snapshot, whatever it says. */
const plainBytesMax = 67_108_864

export const writeSnapshot = (snapshot: Snapshot): Promise<string> =>
  packed({ ...snapshot, totals: undefined, families: familiesOf(snapshot.totals) })

export async function readSnapshot(text: string): Promise<Snapshot | Unreadable> {
  const read = await unpacked(text)
  if (!isReadable(read)) return read
  const { start, instance, sequence, atMs, isFinal, families } = read
  if (typeof start !== 'string' || typeof instance !== 'string') return 'garbage'
  if (!Number.isSafeInteger(sequence) || !Number.isFinite(atMs)) return 'garbage'
  const totals = totalsOf(families)
  if (totals === null) return 'garbage'
  // Casts: both were checked just above.
  return {
    start,
    instance,
    sequence: sequence as number,
    atMs: atMs as number,
    isFinal: isFinal === true,
    totals,
  }
}

export const writeRetired = ({ starts, count, totals }: Retired): Promise<string> =>
  packed({ starts, count, families: familiesOf(totals) })

export async function readRetired(text: string): Promise<Retired | Unreadable> {
  const read = await unpacked(text)
  if (!isReadable(read)) return read
  const { starts, count, families } = read
  const totals = totalsOf(families)
  if (!areTexts(starts) || totals === null) return 'garbage'
  return { starts, count: typeof count === 'number' ? count : starts.length, totals }
}

export const writeList = (starts: readonly ListedStart[]): string =>
  `${head}${JSON.stringify(starts.map(({ start, instance, isClosing }) => [start, instance, isClosing ? 1 : 0]))}`

export function readList(text: string): readonly ListedStart[] | Unreadable {
  const body = bodyOf(text)
  if (typeof body !== 'object') return body
  const list = parsed(body.text)
  if (!Array.isArray(list)) return 'garbage'
  const rows = list.filter(
    (row): row is readonly [string, string, number] =>
      Array.isArray(row) && typeof row[0] === 'string' && typeof row[1] === 'string',
  )
  return rows.map(([start, instance, closing]) => ({ start, instance, isClosing: closing === 1 }))
}

const head = `tasker-metrics-${version}:`

function bodyOf(text: string): { readonly text: string } | Unreadable {
  if (text.startsWith(head)) return { text: text.slice(head.length) }
  return /^tasker-metrics-\d+:/.test(text) ? 'foreign' : 'garbage'
}

async function packed(value: unknown): Promise<string> {
  const bytes = await deflate(JSON.stringify(value))
  return `${head}${bytes.toString('base64')}`
}

async function unpacked(text: string): Promise<Readonly<Record<string, unknown>> | Unreadable> {
  const body = bodyOf(text)
  if (typeof body !== 'object') return body
  try {
    const bytes = await inflate(Buffer.from(body.text, 'base64'), {
      maxOutputLength: plainBytesMax,
    })
    const value = parsed(bytes.toString())
    return isRecord(value) ? value : 'garbage'
  } catch {
    return 'garbage'
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

const familiesOf = (totals: Totals): unknown =>
  totals
    .filter(({ series }) => series.length > 0)
    .map(({ name, type, labels, bounds, series }) => [
      name,
      type,
      labels,
      bounds,
      series.map((one) => [one.labels, one.values]),
    ])

/** What is no family is left out, so that a later version may add kinds of its own. Null: nothing is as it should be. */
function totalsOf(families: unknown): Totals | null {
  if (!Array.isArray(families)) return null
  return families.flatMap((family: unknown) => {
    const read = familyOf(family)
    return read === null ? [] : [read]
  })
}

const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const labelName = /^[a-zA-Z_][a-zA-Z0-9_]*$/

function familyOf(family: unknown): TotalsFamily | null {
  if (!isList(family)) return null
  const [name, type, labels, bounds, series] = family
  if (typeof name !== 'string' || !metricName.test(name)) return null
  if (!isType(type)) return null
  if (!areTexts(labels) || !labels.every((label) => labelName.test(label))) return null
  if (new Set(labels).size !== labels.length || labels.includes('le')) return null
  if (
    !areNumbers(bounds) ||
    !bounds.every((bound, at) => at === 0 || bound > (bounds[at - 1] ?? 0))
  )
    return null
  if (!Array.isArray(series)) return null
  const shape = { name, type, labels, bounds }
  const valueCount = valueCountOf(shape)
  const all = series.map((one: unknown) => seriesOf(one, labels.length, valueCount))
  if (all.some((one) => one === null)) return null
  if (type !== 'gauge' && all.some((one) => one?.values.some((value) => value < 0))) return null
  return { ...shape, series: all.filter((one) => one !== null) }
}

function seriesOf(one: unknown, labelCount: number, valueCount: number): Series | null {
  if (!isList(one)) return null
  const [labels, values] = one
  if (!areTexts(labels) || labels.length !== labelCount) return null
  if (!areNumbers(values) || values.length !== valueCount) return null
  return { labels, values }
}

const isType = (value: unknown): value is MetricType =>
  value === 'counter' || value === 'gauge' || value === 'histogram'

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value)

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const areTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string')

const areNumbers = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((one) => Number.isFinite(one))
