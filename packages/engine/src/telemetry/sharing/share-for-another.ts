// Shares what another process counted that cannot reach the store itself: whoever scraped it writes it under a start of its own.
// As often as it is told the same, nothing changes; when the process was started anew, its counters begin anew, and so does
// a start.
import { randomUUID } from 'node:crypto'
import type { Ledger } from './ledger.ts'
import { isReadable, readSnapshot, writeSnapshot, type Snapshot } from './snapshot.ts'
import { countedOf, TotalsSum, without, type Totals } from './totals.ts'

export interface Told {
  readonly instance: string
  readonly totals: Totals
  readonly atMs: number
}

/** `itself`: the process shares its metrics, and they would count twice. */
export type SharedForAnother = 'written' | 'busy' | 'itself'

const mark = 'told-'
/** As often as it may be taken for ended while it is written. */
const attemptsMax = 3

/** What was told before: by it a new start of the process is known, and what of the old one counts already. */
interface Before {
  readonly start: string
  readonly base: Totals
  readonly told: Totals
  readonly isListed: boolean
}

export async function shareForAnother(ledger: Ledger, told: Told): Promise<SharedForAnother> {
  const { instance } = told
  const { starts } = await ledger.read()
  const isSharing = starts.some(
    ({ snapshot }) => snapshot.instance === instance && !snapshot.start.startsWith(mark),
  )
  if (isSharing) return 'itself'
  const shared = await ledger.alone(`told:${instance}`, () => write(ledger, told))
  return shared ?? 'busy'
}

async function write(ledger: Ledger, told: Told): Promise<SharedForAnother> {
  const { instance, totals, atMs } = told
  const before = await begun(ledger, told)
  let { start, base, isListed } = before
  for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
    // Before the totals are there, so that who dies in between goes on with the same start.
    await ledger.keep(noteOf(instance), await textOf({ start, base }, told))
    const snapshot: Snapshot = {
      start,
      instance,
      sequence: atMs,
      atMs,
      isFinal: false,
      totals: without(totals, base),
    }
    const text = await writeSnapshot(snapshot)
    const entry = { start, instance, text, isFinal: false }
    const written = await ledger.write({ ...entry, wasListed: isListed, wasAway: isListed })
    if (written !== 'retired') return written
    // It was told of too seldom: what it had then counts already.
    const last = await ledger.lastWritten(start)
    // Its entry may be gone by now, and the retired still have it.
    const counted = countedOf(last?.totals ?? without(before.told, base))
    base = new TotalsSum().add(base).add(counted).totals
    start = newStart()
    isListed = false
  }
  return 'busy'
}

async function begun(ledger: Ledger, { instance, totals }: Told): Promise<Before> {
  const before = await noted(ledger, instance)
  return before === null || hasFallen(before.told, totals)
    ? { start: newStart(), base: [], told: [], isListed: false }
    : before
}

const newStart = (): string => `${mark}${randomUUID()}`
const noteOf = (instance: string): string => `told/${instance}`

/** A counter that is lower than it was, or gone: the process was started anew. */
const hasFallen = (before: Totals, now: Totals): boolean =>
  countedOf(without(before, now)).some(({ series }) =>
    series.some(({ values }) => values.some((value) => value > 0)),
  )

// Two snapshots, since these are checked when they are read: the base, and what was told.
async function textOf(
  { start, base }: Pick<Before, 'start' | 'base'>,
  { instance, totals: told, atMs }: Told,
): Promise<string> {
  const about = { start, instance, sequence: atMs, atMs, isFinal: false }
  const parts = [base, told].map((totals) => writeSnapshot({ ...about, totals }))
  return (await Promise.all(parts)).join(' ')
}

async function noted(ledger: Ledger, instance: string): Promise<Before | null> {
  const text = await ledger.recall(noteOf(instance))
  const parts = await Promise.all((text ?? '').split(' ').map((part) => readSnapshot(part)))
  const [base, told] = parts.filter((part) => isReadable(part))
  if (base === undefined || told === undefined) return null
  return { start: told.start, base: base.totals, told: told.totals, isListed: true }
}
