// How the system fares as a whole: tasks and steps by state, the last hour, connections and workers, and whether that is well.
// Every number is of the moment or of the last hour: old failures do not keep a system unhealthy.
import type { ConnectionUse, Database } from '../database/connect.ts'
import {
  readAnalytics,
  readHealthCounts,
  type AnalyticsMetrics,
  type HealthCounts,
} from '../database/read-statistics.ts'
import { countWorkers, type WorkerCounts } from '../database/read-workers.ts'

export const statusChecks = ['connections', 'task_errors', 'workers'] as const
/**
 * `connections`: at most 90 % of the server's are active. `task_errors`: at most half of the tasks of the last hour are in
 * error. `workers`: a live one is there, where a task has not ended.
 */
export type StatusCheck = (typeof statusChecks)[number]

export interface SystemStatus {
  readonly generatedAt: Date
  readonly isHealthy: boolean
  readonly failedChecks: readonly StatusCheck[]
  readonly counts: HealthCounts
  readonly lastHour: AnalyticsMetrics
  /** Of this process. */
  readonly pool: ConnectionUse
  readonly workers: WorkerCounts
  /** How long it took to find out. */
  readonly durationMs: number
}

const connectionShareMax = 0.9
const errorShareMax = 0.5

export async function systemStatus(
  database: Database,
  at: Date | null,
  monotonicMs: () => number,
): Promise<SystemStatus> {
  const startedMs = monotonicMs()
  const [counts, lastHour, workers] = await Promise.all([
    readHealthCounts(database, at),
    readAnalytics(database, { since: null, namespace: null, name: null, version: null }, at),
    countWorkers(database, at),
  ])
  const failedChecks = statusChecks.filter((check) =>
    isFailed(check, { counts, lastHour, workers }),
  )
  return {
    generatedAt: lastHour.at,
    isHealthy: failedChecks.length === 0,
    failedChecks,
    counts,
    lastHour,
    pool: database.connections().calls,
    workers,
    durationMs: Math.round((monotonicMs() - startedMs) * 100) / 100,
  }
}

function isFailed(
  check: StatusCheck,
  { counts, lastHour, workers }: Pick<SystemStatus, 'counts' | 'lastHour' | 'workers'>,
): boolean {
  const { connections, tasks } = counts
  switch (check) {
    case 'connections':
      return connections.active > connections.max * connectionShareMax
    case 'task_errors':
      return lastHour.errorTasks > lastHour.tasks * errorShareMax
    case 'workers':
      return workers.live === 0 && tasks.pending + tasks.in_progress > 0
    default:
      return check satisfies never
  }
}
