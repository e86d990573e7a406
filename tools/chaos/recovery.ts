// How long work stood still after a process was killed: from the kill to the moment when each step it took with it was due
// again. How long it then waits in the queue is a matter of load.
import type { Ask } from './stage.ts'
import type { WorkerHandle } from './worker-handle.ts'

/** One number for each step that was lost with one of these processes; milliseconds. */
export async function recoveriesMs(
  ask: Ask,
  processes: readonly WorkerHandle[],
): Promise<readonly number[]> {
  const rows = await ask(
    `select w.pid, h.at
     from tasker.workflow_step_transitions h
     join tasker.step_claims c
       on c.task_id = h.task_id and c.step_no = h.step_no and c.claim_no = h.claim_no
     join tasker.workers w on w.worker_id = c.worker_id
     where h.reason = 'worker_lost'`,
  )
  const killedAt = new Map(processes.map(({ pid, killedAt: at }) => [pid, at]))
  return rows.flatMap((row) => {
    const at = killedAt.get(Number(row['pid']))
    const rescuedAt = row['at']
    return at && rescuedAt instanceof Date ? [rescuedAt.getTime() - at.getTime()] : []
  })
}

/** Null of nothing. */
export function quantile(sample: readonly number[], share: number): number | null {
  const sorted = sample.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null
}
