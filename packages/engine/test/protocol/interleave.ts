// Two sessions in a chosen order: one is held, the other is seen to wait for it, then the first goes on. What is watched is
// pg_stat_activity, so no test sleeps.
import type { Connection, Lab } from './lab.ts'

/** How a call ended: with a value or with an SQLSTATE. */
export type Ending<T> = { readonly value: T } | { readonly sqlState: string }

/** A call under way on a connection. */
export interface Started<T> {
  readonly on: Connection
  readonly ending: Promise<Ending<T>>
  hasEnded(): boolean
}

export function start<T>(on: Connection, call: () => Promise<T>): Started<T> {
  let hasEnded = false
  const ending = endingOf(call()).finally(() => {
    hasEnded = true
  })
  ending.catch(() => undefined) // a test that fails before it reads the ending leaves it to nobody
  return { on, ending, hasEnded: () => hasEnded }
}

/** Resolves when the call waits for a lock: true; or has ended without: false. Each look is a round trip. */
export async function waitsForLock(
  lab: Pick<Lab, 'eye'>,
  call: Started<unknown>,
): Promise<boolean> {
  for (;;) {
    const [row] = await lab.eye.query(
      `select count(*)::integer as n from pg_stat_activity where pid = $1 and wait_event_type = 'Lock'`,
      [call.on.pid],
    )
    if (row?.['n'] === 1) return true
    if (call.hasEnded()) return false
  }
}

/** The value; an error of PostgreSQL is thrown again as its SQLSTATE. */
export async function valueOf<T>(call: Started<T>): Promise<T> {
  const ending = await call.ending
  if ('sqlState' in ending) throw new Error(`The call failed with SQLSTATE ${ending.sqlState}.`)
  return ending.value
}

async function endingOf<T>(promise: Promise<T>): Promise<Ending<T>> {
  try {
    return { value: await promise }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (typeof code === 'string') return { sqlState: code }
    throw error
  }
}
