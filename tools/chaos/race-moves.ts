// The moves of the races: every call of the engine that changes something, in the variants that matter, each as one worker, an
// operator or a requester sends it in a scene. The list is closed: with those below that have no races it names every call in the source.
import type { Database } from '../../packages/engine/src/database/connect.ts'
import { storeAnnotations } from '../../packages/engine/src/database/annotations.ts'
import { createTasks } from '../../packages/engine/src/database/create-tasks.ts'
import { editTask } from '../../packages/engine/src/database/edit-task.ts'
import {
  holdNamespace,
  operateTasks,
  rerunTask,
} from '../../packages/engine/src/database/operate.ts'
import { pruneBatch, pruneLeftovers } from '../../packages/engine/src/database/prune.ts'
import { rollUpTasks } from '../../packages/engine/src/database/roll-up.ts'
import {
  finishSteps,
  settleTasks,
  type FinishCall,
  type FinishReply,
  type StepOutcome,
} from '../../packages/engine/src/database/steps.ts'
import { sweepDue, sweepStart } from '../../packages/engine/src/database/sweep.ts'
import { renewWorker, stopWorker } from '../../packages/engine/src/database/workers.ts'
import { newCallId, type TaskId } from '../../packages/engine/src/ids.ts'
import type { OperatorAction } from '../../packages/engine/src/tasks/operator-order.ts'
import { finishCall, newTask, outcomeOf } from '../../packages/engine/test/protocol/calls.ts'
import { callsOfExports, callsOfTheCache } from './engine-calls.ts'
import {
  hourMs,
  inAnHour,
  orderOf,
  raceDefinition,
  raceNamespace,
  rescue,
  type Claim,
  type Role,
  type Scene,
  type SpareId,
} from './race-scene.ts'

export interface Move {
  readonly name: string
  /** The call of the protocol, by its name in the engine's source. */
  readonly call: string
  /** What operate_tasks is asked for. */
  readonly action?: OperatorAction
  /** It never waits for a task that another call holds: it passes by, and does its part when it is sent again. */
  readonly passesBy: boolean
  /** False: nobody can send it in this scene. */
  isPossible(scene: Scene): boolean
  /** What it answers, in words that do not change from run to run. */
  run(on: Database, scene: Scene): Promise<unknown>
  /** Its outcome once more, in the same call and in a new one, which takes nothing; the answers. */
  deliverAgain?(on: Database, scene: Scene): Promise<readonly string[]>
}

/** Calls that change nothing another call could race with: they read, or announce. */
export const callsWithoutRaces: readonly string[] = [
  ...callsOfTheCache,
  ...callsOfExports,
  'analytics_metrics',
  'begin_audit_entry', // a row of its own
  'begin_history_journal', // once after a restore, under a lock of its row
  'calculate_dependency_levels',
  'check_readiness',
  'count_live_workers',
  'count_tasks',
  'count_workers',
  'create_api_token', // of tokens, which no task knows
  'end_audit_entry', // once, by whoever began it
  'find_api_token',
  'find_tasks',
  'is_task_known',
  'note_api_token_use', // of tokens, which no task knows
  'notify',
  'prune_audit_entries',
  'prune_cache_entries', // what is over, which nobody sees
  'prune_history_journal', // rows that nobody else changes
  'read_annotation_types',
  'read_annotations',
  'read_api_tokens',
  'read_audit_entries',
  'read_definition_content',
  'read_definition_versions',
  'read_distributions',
  'read_ended',
  'read_error_patterns',
  'read_graphs',
  'read_history',
  'read_journal_entries',
  'read_journal_standing',
  'read_database_identity',
  'read_definitions_mark',
  'read_lineage_steps',
  'read_lineage_task',
  'read_lineage_workers',
  'read_lost_attempts',
  'read_mean_durations',
  'read_namespace_history',
  'read_namespace_sizes',
  'read_namespaces',
  'read_parent_results',
  'read_queue',
  'read_recorded_durations',
  'read_retries',
  'read_running_counts',
  'read_scope',
  'read_standing',
  'read_standing_steps',
  'read_step_profiles',
  'read_steps',
  'read_task_graph',
  'read_task_profiles',
  'read_task_version',
  'read_tasks',
  'read_time',
  'read_traces',
  'read_usual_durations',
  'read_versions_of',
  'read_workers',
  'recount_tasks', // by hand, after tables were written by hand; nobody can end a task meanwhile
  'register_worker', // a row of its own, under a new id
  'revoke_api_token', // of tokens, which no task knows
  'rotate_api_token', // of tokens, which no task knows
  'sample_ended_tasks',
  'slowest_steps',
  'slowest_tasks',
  'system_health_counts',
]

type Which = 'current' | 'beside' | 'stale'

const finishing = (
  name: string,
  which: Which,
  parts: Partial<StepOutcome> | ((on: Database) => Promise<Partial<StepOutcome>>) = {},
  call: Partial<FinishCall> & { readonly sentAs?: string } = {},
): Move => {
  const { sentAs = name, ...others } = call
  const send = async (on: Database, scene: Scene, given: Partial<FinishCall>) => {
    const { by, step } = scene[which] as Claim // isPossible
    const outcome = outcomeOf(step, typeof parts === 'function' ? await parts(on) : parts)
    // A late one finds steps due, and would pass by one that another call holds.
    const lanes = which === 'stale' ? [] : [scene.definitionId]
    const usual = { callId: scene.callId(sentAs), outcomes: [outcome], want: 1, lanes }
    return wordsOf(await finishSteps(on, finishCall(scene.workers[by], { ...usual, ...given })))
  }
  return {
    name,
    call: 'finish_steps',
    passesBy: call.waits === false,
    isPossible: (scene) => scene[which] !== null,
    run: (on, scene) => send(on, scene, others),
    async deliverAgain(on, scene) {
      const same = await send(on, scene, { want: 0 })
      const anew = await send(on, scene, { want: 0, callId: newCallId() })
      return [...same.outcomes, ...anew.outcomes]
    },
  }
}

const claiming = (name: string, by: Role, sentAs = name): Move => ({
  name,
  call: 'finish_steps',
  passesBy: true,
  isPossible: () => true,
  async run(on, scene) {
    const lanes = [scene.definitionId, -scene.definitionId]
    const callId = scene.callId(sentAs)
    const call = finishCall(scene.workers[by], { callId, lanes, want: 2 })
    return wordsOf(await finishSteps(on, call))
  },
})

/** What was recorded before is recorded: the reply may have been lost. */
const wordsOf = ({ recorded, unrecorded, claims, isWorkerLost }: FinishReply) => {
  return {
    outcomes: [
      ...[...recorded.keys()].map(() => 'recorded'),
      ...unrecorded.map(({ answer }) => (answer === 'already_recorded' ? 'recorded' : answer)),
    ],
    claims: claims
      .map(({ stepNo, claimNo, results }) => ({ stepNo, claimNo, results }))
      .toSorted((a, b) => a.stepNo - b.stepNo),
    isWorkerLost,
  }
}

/** A claim that meets the locked row of a new task leaves its start to the next call. */
const begun = (state: string): string => (state === 'pending' ? 'in_progress' : state)

/** A step of it was claimed, and its row says that it is still pending. */
async function isStartLeft(on: Database, taskId: TaskId): Promise<boolean> {
  const sql = `
    select 1 from tasker.tasks t
    where t.task_id = $1 and t.state = 'pending'
      and exists (select 1 from tasker.step_claims c where c.task_id = t.task_id)`
  return (await on.run('', sql, [taskId])).length > 0
}

const operating = (
  name: string,
  action: OperatorAction,
  steps: readonly string[] | null = null,
): Move => ({
  name,
  call: 'operate_tasks',
  action,
  passesBy: false,
  isPossible: () => true,
  async run(on, { taskId }) {
    const replies = await operateTasks(on, orderOf([taskId], action, steps))
    const isBegun = await isStartLeft(on, taskId)
    return replies.map(({ from, to, isHeld, steps: moved, refused }) => ({
      from: begun(from),
      to: isBegun ? begun(to) : to,
      isHeld,
      moved,
      refused,
    }))
  },
})

const editing = (name: string, edit: string): Move =>
  simple(name, 'edit_task', async (on, { taskId }) => {
    const signature = { actor: 'ana', reason: 'race', expectedRevision: null, now: null }
    const edited = await editTask(on, { taskId, edit, ...signature })
    return edited === null ? null : { ...edited, state: begun(edited.state), revision: null }
  })

const creating = (
  name: string,
  newId: SpareId,
  parts: { readonly digest: string; readonly isNew: boolean },
): Move =>
  simple(name, 'create_tasks', async (on, scene) => {
    const request = newTask(scene.definitionId, {
      taskId: scene.spareIds[newId],
      digest: parts.digest,
      key: parts.isNew ? `new ${scene.key}` : scene.key,
    })
    const options = { lockTimeoutMs: 30_000, now: null, transaction: null }
    const created = await createTasks(on, [request], options)
    return created.map(({ isCreated, isConflict }) => ({ isCreated, isConflict }))
  })

const simple = (
  name: string,
  call: string,
  run: Move['run'],
  { passesBy = false }: { readonly passesBy?: boolean } = {},
): Move => ({ name, call, passesBy, isPossible: () => true, run })

/** A new task has a new id each time, so the same request is not sent twice. */
export const isSentTwice = ({ call }: Move): boolean =>
  call !== 'rerun_task' && call !== 'create_tasks'

export const moves: readonly Move[] = [
  claiming('claim', 'other'),
  claiming('claim sent again', 'other', 'claim'),
  claiming('claim of another worker', 'spare'),
  claiming('claim of the holder', 'holder'),
  finishing('complete', 'current'),
  finishing('complete sent again', 'current', {}, { sentAs: 'complete' }),
  finishing('complete in another call', 'current'),
  finishing('complete without waiting', 'current', {}, { waits: false }),
  finishing('complete while stopping', 'current', {}, { want: 0 }),
  finishing('complete beside', 'beside'),
  finishing('complete too late', 'stale'),
  finishing('fail too late', 'stale', { kind: 'failed', delayMs: 0, error: { message: 'late' } }),
  finishing('release too late', 'stale', { kind: 'release' }),
  finishing('fail, to be tried again', 'current', { kind: 'failed', delayMs: 3_600_000 }),
  finishing('fail for good', 'current', { kind: 'failed', error: { message: 'no' } }),
  finishing('wait', 'current', async (on) => ({ kind: 'wait', runAt: await inAnHour(on) })),
  finishing('release', 'current', { kind: 'release' }),
  operating('cancel', 'cancel'),
  operating('cancel the step', 'cancel', ['target']),
  operating('cancel the last step', 'cancel', ['after']),
  operating('resolve', 'resolve'),
  operating('resolve the step', 'resolve', ['target']),
  operating('resolve the last step', 'resolve', ['after']),
  operating('skip', 'skip', ['target']),
  operating('retry', 'retry'),
  operating('retry now', 'retry_now'),
  operating('wake', 'wake'),
  operating('set the retry limit', 'set_retry_limit', ['target']),
  editing('raise the priority', '{"priority":0,"tags":["raced"]}'),
  editing('give the step inputs', '{"step":"target","inputs":{"by":"hand"}}'),
  editing('annotate the task', '{"annotation":{"type":"race","annotation":{}}}'),
  operating('hold', 'hold'),
  operating('resume', 'resume'),
  simple('rescue', 'rescue_steps', (on, scene) => rescuing(on, scene, false), { passesBy: true }),
  simple('takeover', 'rescue_steps', (on, scene) => rescuing(on, scene, true), { passesBy: true }),
  simple('renew', 'renew_worker', (on, scene) => renewing(on, scene, 'holder'), { passesBy: true }),
  simple('renew of another worker', 'renew_worker', (on, scene) => renewing(on, scene, 'other'), {
    passesBy: true,
  }),
  simple('stop', 'stop_worker', (on, { workers }) => stopWorker(on, workers.holder, null)),
  simple('stop of another worker', 'stop_worker', (on, { workers }) =>
    stopWorker(on, workers.other, null),
  ),
  simple('deadline', 'settle_tasks', async (on, { taskId }) => {
    const call = { taskIds: [taskId], state: 'error', actor: 'worker:0', now: null } as const
    const settled = await settleTasks(on, { ...call, reason: 'deadline_exceeded' })
    return settled.map(({ from, isSettled }) => ({ from: begun(from), isSettled }))
  }),
  simple(
    'sweep',
    'sweep_due',
    async (on, { workers }) => (await sweepDue(on, workers.keeper, sweepStart, null)).repairedCount,
    { passesBy: true },
  ),
  simple('roll up', 'roll_up_tasks', (on, { workers }) => rollUpTasks(on, workers.keeper), {
    passesBy: true,
  }),
  simple('prune', 'prune_tasks', pruning, { passesBy: true }),
  simple('prune leftovers', 'prune_leftovers', pruningLeftovers, { passesBy: true }),
  simple('rerun', 'rerun_task', (on, scene) => rerunning(on, scene, 'rerun')),
  simple('rerun by another', 'rerun_task', (on, scene) => rerunning(on, scene, 'rerunToo')),
  simple('hold the namespace', 'hold_namespace', (on) => holding(on, true)),
  simple('resume the namespace', 'hold_namespace', (on) => holding(on, false)),
  creating('create with its key', 'same', { digest: 'd', isNew: false }),
  creating('create with its key and another content', 'changed', { digest: 'e', isNew: false }),
  creating('create with a new key', 'first', { digest: 'd', isNew: true }),
  creating('create with that key too', 'second', { digest: 'd', isNew: true }),
  creating('create with that key and another content', 'third', { digest: 'e', isNew: true }),
  simple('register the definition', 'register_definition', (on) => registering(on, 'd')),
  simple('register another content', 'register_definition', (on) => registering(on, 'e')),
  // Of a hook whose worker was given up: it answers whenever it likes.
  simple('annotate', 'store_annotations', (on, { taskId }) =>
    storeAnnotations(on, taskId, [{ type: 'seen', annotation: { by: 'race' } }], null),
  ),
]

async function rescuing(on: Database, { workers }: Scene, mayTakeOver: boolean): Promise<unknown> {
  const { suspects } = await rescue(on, workers.keeper, mayTakeOver)
  return { suspects: suspects !== null }
}

async function renewing(on: Database, scene: Scene, role: Role): Promise<unknown> {
  const claims = [scene.current, scene.stale].filter((claim) => claim?.by === role)
  const { isLive, abort, handBack } = await renewWorker(on, {
    workerId: scene.workers[role],
    leaseMs: 3_600_000,
    slots: 4,
    holding: claims.flatMap((claim) => (claim === null ? [] : [claim.step])),
    calls: [],
    now: null,
  })
  const words = ({ stepNo, claimNo }: { stepNo: number; claimNo: number }) => [stepNo, claimNo]
  return { isLive, abort: abort.map(words), handBack: handBack.map(words) }
}

async function pruning(on: Database, { before }: Scene): Promise<unknown> {
  const { groups } = await pruneBatch(on, {
    states: ['complete', 'cancelled', 'resolved_manually', 'error'],
    endedBefore: await inAnHour(on),
    namespace: raceNamespace,
    after: before,
    tasksMax: 500,
    isTrial: false,
  })
  return groups.map(({ state, count }) => ({ state, count }))
}

async function pruningLeftovers(on: Database): Promise<unknown> {
  const now = new Date((await inAnHour(on)).getTime() - hourMs)
  await pruneLeftovers(on, { after: null, isTrial: false, now })
  return null
}

async function rerunning(
  on: Database,
  { taskId, spareIds }: Scene,
  newId: SpareId,
): Promise<unknown> {
  return rerunTask(on, {
    taskId,
    newTaskId: spareIds[newId],
    from: ['after'],
    inputs: {},
    context: null,
    actor: 'ana',
    reason: 'race',
    isTrial: false,
    now: null,
    traceParent: null,
  })
}

const holding = (on: Database, isHeld: boolean): Promise<boolean | null> =>
  holdNamespace(on, { namespace: raceNamespace, isHeld, actor: 'ana', reason: 'race', now: null })

async function registering(on: Database, digest: string): Promise<unknown> {
  const rows = await on.run(
    'register_definition',
    'select is_conflict from tasker.register_definition($1::jsonb)',
    [JSON.stringify(raceDefinition(digest))],
  )
  return rows
}
