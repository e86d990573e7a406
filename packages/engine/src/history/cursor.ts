// Where a reader of the history stands, as a text that it may keep anywhere: in a database, in a URL, as the `Last-Event-ID` of
// a browser. Opaque outside this file; its form has a number, so that another form can come. A snapshot names every transaction
// that was open, so a long text is packed: with 500 of them a cursor has 2 KB, not 12.
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { EntryKey, Snapshot } from '../database/read-journal.ts'
import { TaskerError } from '../errors.ts'
import { parseTaskId } from '../ids.ts'

export interface Position {
  /** What this snapshot sees has been read. */
  readonly from: Snapshot
  /** Inside a window: where it ends, and the last entry read. */
  readonly within: { readonly until: Snapshot; readonly after: EntryKey | null } | null
  /** Events of the last entry read which have been given, when there are more of them; else 0. */
  readonly given: number
}

const plainForm = '1.'
const packedForm = '2.'
/** Of the text; below it packing costs more than it saves. */
const packedFromLength = 400
/** What a cursor unpacks to at most: two snapshots with 10,000 open transactions each. */
const unpackedMaxLength = 262_144

/** @param journal which database's journal it is */
export function writeCursor(journal: string, { from, within, given }: Position): string {
  const after = within?.after ?? null
  const parts = [
    journal,
    from,
    ...(within === null ? [] : [within.until, given]),
    ...(after === null
      ? []
      : [after.firstAt, after.taskId, after.seq, after.stepNo, after.claimNo]),
  ]
  const text = parts.join(' ')
  return text.length < packedFromLength
    ? plainForm + Buffer.from(text).toString('base64url')
    : packedForm + deflateRawSync(text).toString('base64url')
}

/** @throws {TaskerError} HISTORY_CURSOR_INVALID */
export function readCursor(cursor: string): Position & { readonly journal: string } {
  const parts = textOf(cursor).split(' ')
  const [journal = '', from = '', until, given = '0', firstAt, taskId = '', ...numbers] = parts
  const id = parseTaskId(taskId)
  const isRight =
    [2, 4, 9].includes(parts.length) &&
    [journal, given, firstAt ?? '0', ...numbers].every((text) => /^\d{1,18}$/.test(text)) &&
    isSnapshot(from) &&
    (until === undefined || isSnapshot(until)) &&
    (firstAt === undefined || id !== null)
  if (!isRight) throw cursorInvalid('it is none that Tasker has given')
  const [seq = 0, stepNo = 0, claimNo = 0] = numbers.map(Number)
  const after =
    firstAt === undefined || id === null ? null : { firstAt, taskId: id, seq, stepNo, claimNo }
  return {
    journal,
    from,
    within: until === undefined ? null : { until, after },
    given: Number(given),
  }
}

/** Empty for what is none. */
function textOf(cursor: string): string {
  const bytes = Buffer.from(cursor.slice(plainForm.length), 'base64url')
  if (cursor.startsWith(plainForm)) return bytes.toString()
  if (!cursor.startsWith(packedForm)) return ''
  try {
    return inflateRawSync(bytes, { maxOutputLength: unpackedMaxLength }).toString()
  } catch {
    return ''
  }
}

/** As PostgreSQL would read it: `<xmin>:<xmax>:<xid,…>`, in order. */
function isSnapshot(text: string): boolean {
  if (!/^\d{1,19}:\d{1,19}:(\d{1,19}(,\d{1,19})*)?$/.test(text)) return false
  const { xmin, xmax, running } = partsOf(text)
  const inOrder = [xmin, ...running]
  return (
    xmin > 0n &&
    xmin <= xmax &&
    running.every((xid, at) => xid < xmax && xid >= (inOrder[at] ?? 0n)) &&
    new Set(running).size === running.length
  )
}

function partsOf(snapshot: Snapshot) {
  const [xmin = '0', xmax = '0', running = ''] = snapshot.split(':')
  return {
    xmin: BigInt(xmin),
    xmax: BigInt(xmax),
    running: running.split(',').filter(Boolean).map(BigInt),
  }
}

export const xmaxOf = (snapshot: Snapshot): bigint => partsOf(snapshot).xmax

/** Whether `one` sees all that `other` sees. */
export function seesAllOf(one: Snapshot, other: Snapshot): boolean {
  const { xmax, running } = partsOf(other)
  const here = partsOf(one)
  return here.xmax >= xmax && here.running.every((xid) => xid >= xmax || running.includes(xid))
}

export const cursorInvalid = (why: string): TaskerError =>
  new TaskerError('HISTORY_CURSOR_INVALID', `The cursor cannot be used: ${why}.`)
