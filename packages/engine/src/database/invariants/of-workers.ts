// What runs can be found again when its worker is gone: receipts, the workers they name, and leases that ran out.
import type { Invariant } from './invariant.ts'

export const ofWorkers: readonly Invariant[] = [
  {
    name: 'receipt-of-running',
    says: 'a step in progress that no receipt names (rule 7)',
    of: 'tasks',
    sql: `
      select n.task_id || '/' || n.step_no || ' claim ' || n.claim_no as subject
      from (
        select s.task_id, s.step_no, s.claim_no, s.worker_id
        from tasker.workflow_steps s
        where s.state = 'in_progress' and s.worker_id is not null
        except
        select k.task_id, k.step_no, k.claim_no, r.worker_id
        from tasker.receipts r
        cross join lateral unnest(r.task_ids, r.step_nos, r.claim_nos) as k(task_id, step_no, claim_no)
      ) n`,
  },
  {
    name: 'receipt-of-claims',
    says: 'a receipt of a live worker that names a claim nobody made (rule 7)',
    of: 'workers',
    // Those of workers that are gone may be about tasks that are gone: see prunable.sql.
    sql: `
      select r.worker_id || ' ' || r.call_id || ': ' || k.task_id || '/' || k.step_no || ' claim ' || k.claim_no
        as subject
      from tasker.workers w
      join tasker.receipts r on r.worker_id = w.worker_id
      cross join lateral unnest(r.task_ids, r.step_nos, r.claim_nos) as k(task_id, step_no, claim_no)
      left join tasker.step_claims c
        on c.task_id = k.task_id and c.step_no = k.step_no and c.claim_no = k.claim_no
        and c.worker_id = r.worker_id
      where w.state = 'live' and c.task_id is null`,
  },
  {
    name: 'receipt-of-worker',
    says: 'a receipt of a worker that nobody knows',
    of: 'workers',
    sql: `
      select r.worker_id || ' ' || r.call_id as subject
      from tasker.receipts r
      where not exists (select 1 from tasker.workers w where w.worker_id = r.worker_id)`,
  },
  {
    name: 'lease-taken-over',
    says: 'a lease that ran out an hour ago and that nobody took over, though another worker is there (rule 8)',
    of: 'workers',
    // Takeover takes a few leases without a gap. After an outage that was longer than the hour it is reported until then.
    sql: `
      select 'worker ' || w.worker_id as subject
      from tasker.workers w
      where w.state = 'live' and w.lease_until < clock_timestamp() - interval '1 hour'
        and exists (
          select 1
          from tasker.workers o
          where o.state = 'live' and o.lease_until > clock_timestamp() and o.started_at < w.lease_until)`,
  },
]
