// What a scene looks like after its calls: every row that they can touch, in words that do not change from run to run, so that
// two orders of the same calls can be compared. Ids become roles, times become "now" and "later".
import type { Database } from '../../packages/engine/src/database/connect.ts'
import { roles, type Scene } from './race-scene.ts'

export interface Look {
  /** JSON: everything but refused outcomes. */
  readonly stands: string
  /** Late outcomes kept in the history: step and claim of each, sorted. */
  readonly refused: readonly string[]
  /** How often a step's result was recorded, where that is more than once. */
  readonly doubled: number
}

export async function lookAt(on: Database, scene: Scene): Promise<Look> {
  const names = new Map<string, string>([
    [scene.taskId, 'task'],
    ...Object.entries(scene.spareIds).map(([name, id]): [string, string] => [id, name]),
  ])
  const [row] = await on.run('', lookSql, [
    [...names.keys()],
    roles.map((role) => scene.workers[role]),
    [scene.key, `new ${scene.key}`],
    scene.definitionId,
  ])
  const { refused, doubled, ...stands } = row as unknown as LookRow // the columns of lookSql
  const named = (text: string): string => {
    let said = text
    for (const [id, name] of names) said = said.replaceAll(id, name)
    for (const role of roles)
      said = said.replaceAll(`worker:${scene.workers[role]}"`, `worker:${role}"`)
    return said
  }
  return {
    stands: named(JSON.stringify(stands)),
    refused: (refused ?? []).map(named),
    doubled: Number(doubled),
  }
}

interface LookRow {
  readonly refused: readonly string[] | null
  /** A bigint, which the driver reads as text. */
  readonly doubled: string
}

// A claim that meets the locked row of a new task leaves the start to the next call, so a task that was claimed counts as
// started; so it does in what was entered between the two, as long as the start is still to come. Where a claim stands among
// the numbers of the history is checked by the replay; a deadline may be due or gone.
// A stop takes the settled receipts of its worker away, but for those that another call is just settling: they stand until
// the next rescue scan, name nothing that runs and are no sign of either order. The end of a race sees that the scan takes them.
const lookSql = `
  with task as (
    select t.*, exists (select 1 from tasker.step_claims c where c.task_id = t.task_id) as is_claimed
    from tasker.tasks t where t.task_id = any ($1::uuid[])
  )
  select
    (select json_agg(json_build_array(t.task_id,
        case when t.state = 'pending' and t.is_claimed then 'in_progress' else t.state end,
        p.held, p.open, p.not_satisfied, p.errors, t.rerun_of) order by t.task_id)
      from task t join tasker.task_progress p on p.task_id = t.task_id) as tasks,
    (select json_agg(json_build_array(s.task_id, s.step_no, s.state, s.waiting, s.attempts, s.losses, s.waits, s.claim_no,
        s.retry_limit, 'worker:' || s.worker_id, r.result, r.source_task_id) order by s.task_id, s.step_no)
      from tasker.workflow_steps s
      left join tasker.step_results r on r.task_id = s.task_id and r.step_no = s.step_no
      where s.task_id = any ($1)) as steps,
    (select json_agg(json_build_array(d.task_id, d.step_no, sign(d.lane),
        case when d.run_at < clock_timestamp() + interval '10 minutes' then 'now' else 'later' end)
        order by d.task_id, d.step_no)
      from tasker.due d where d.task_id = any ($1)) as due,
    (select json_agg(json_build_array(h.task_id,
        case when h.from_state = 'pending' and (h.to_state <> 'pending' or b.is_begun) then 'in_progress' else h.from_state end,
        case when h.from_state = 'pending' and h.to_state = 'pending' and b.is_begun then 'in_progress' else h.to_state end,
        h.actor, h.reason, h.metadata ->> 'action')
        order by h.task_id, h.seq)
      from tasker.task_transitions h
      join task t on t.task_id = h.task_id
      cross join lateral (
        select t.state = 'pending' and exists (
          select 1 from tasker.step_claims c where c.task_id = h.task_id and c.since_seq < h.seq) as is_begun
      ) b
      where h.reason <> 'first_step_claimed') as task_history,
    (select json_agg(json_build_array(h.task_id, h.step_no, h.claim_no, h.from_state, h.to_state, h.attempt, h.actor,
        h.reason, h.metadata ->> 'action') order by h.task_id, h.seq)
      from tasker.workflow_step_transitions h
      where h.task_id = any ($1) and h.reason is distinct from 'outcome_refused') as step_history,
    (select json_agg(json_build_array(c.task_id, c.step_no, c.claim_no, c.from_state, c.attempt, 'worker:' || c.worker_id)
        order by c.task_id, c.step_no, c.claim_no)
      from tasker.step_claims c where c.task_id = any ($1)) as claims,
    (select json_agg(json_build_array('worker:' || r.worker_id, r.step_nos, r.claim_nos)
        order by r.worker_id, r.step_nos, r.claim_nos)
      from tasker.receipts r
      left join tasker.workers w on w.worker_id = r.worker_id
      where r.worker_id = any ($2::integer[]) and (w.state = 'live' or tasker.is_receipt_open(r))) as receipts,
    (select json_agg(json_build_array('worker:' || w.worker_id, w.state, w.lease_until > clock_timestamp())
        order by w.worker_id)
      from tasker.workers w where w.worker_id = any ($2)) as workers,
    (select json_agg(json_build_array(k.key like 'new %', k.task_id, k.digest) order by k.key)
      from tasker.idempotency_keys k where k.key = any ($3::text[])) as keys,
    (select json_build_array(d.digest, d.held) from tasker.definitions d where d.definition_id = $4::integer) as definition,
    (select count(*) from tasker.task_annotations a where a.task_id = any ($1)) as annotations,
    (select json_agg(h.task_id || '/' || h.step_no || '/' || h.claim_no order by h.task_id, h.step_no, h.claim_no)
      from tasker.workflow_step_transitions h
      where h.task_id = any ($1) and h.reason = 'outcome_refused') as refused,
    (select count(*) from (
      select 1 from tasker.workflow_step_transitions h
      where h.task_id = any ($1) and h.to_state = 'complete' and h.from_state = 'in_progress'
      group by h.task_id, h.step_no having count(*) > 1) n) as doubled`
