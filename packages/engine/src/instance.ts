// What tells this start of this process from every other: for locks, shared metrics and lines. Level 0: imports nothing of ours.
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'

export interface Instance {
  /** Host name and process id: `web-01-4711`. In containers a later process may have the same. */
  readonly id: string
  /** No two starts share it. */
  readonly startId: string
}

/** @param hostName `HOSTNAME`, if it is set */
export const thisInstance = (hostName: string | undefined): Instance => ({
  id: `${hostName || hostname() || 'unknown'}-${process.pid}`,
  startId: randomUUID(),
})
