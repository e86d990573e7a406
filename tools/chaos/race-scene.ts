// The scenes of the races: one task in a chosen situation, made by the engine's own callers on one connection, and the workers
// that have a part in it. Two roots, `target` and `beside`, and `after` behind both; a deadline; a hook at the end; a key.
import { randomUUID } from 'node:crypto'
import type { Database } from '../../packages/engine/src/database/connect.ts'
import { createTasks } from '../../packages/engine/src/database/create-tasks.ts'
import { operateTasks } from '../../packages/engine/src/database/operate.ts'
import {
  finishSteps,
  rescueSteps,
  type ClaimedStep,
  type StepOutcome,
} from '../../packages/engine/src/database/steps.ts'
import { stopWorker } from '../../packages/engine/src/database/workers.ts'
import {
  newCallId,
  newTaskId,
  type CallId,
  type DefinitionId,
  type TaskId,
  type WorkerId,
} from '../../packages/engine/src/ids.ts'
import {
  finishCall,
  graphOf,
  newTask,
  outcomeOf,
  type StepRef,
} from '../../packages/engine/test/protocol/calls.ts'

/** `keeper`: the lowest live id, so that it sweeps. `holder`: its lease is over, and nobody has taken it over yet. */
export const roles = ['keeper', 'holder', 'other', 'spare'] as const
export type Role = (typeof roles)[number]

/** A claim of a worker. */
export interface Claim {
  readonly by: Role
  readonly step: StepRef
}

const spareIds = ['rerun', 'rerunToo', 'same', 'changed', 'first', 'second', 'third'] as const
export type SpareId = (typeof spareIds)[number]

export interface Scene {
  readonly definitionId: DefinitionId
  readonly taskId: TaskId
  /** Tasks that the races' calls may create. */
  readonly spareIds: Readonly<Record<SpareId, TaskId>>
  /** Below every id of this scene. */
  readonly before: TaskId
  readonly key: string
  readonly workers: Readonly<Record<Role, WorkerId>>
  /** The step that runs; null: none does. */
  readonly current: Claim | null
  /** `beside`, while it runs too. */
  readonly beside: Claim | null
  /** A claim that was lost or handed back: its worker does not know. */
  readonly stale: Claim | null
  /** Of a race's call, the same each time it is sent. */
  callId(name: string): CallId
}

export const situations = [
  'fresh',
  'due',
  'running',
  'two run',
  'last runs',
  'abandoned',
  'taken over',
  'suspect',
  'retrying',
  'waiting',
  'held',
  'failed',
  'complete',
] as const
export type Situation = (typeof situations)[number]

/** Their keys belong to whoever asks next. */
const withExpiredKey: readonly Situation[] = ['due', 'waiting', 'failed', 'complete']

export const raceNamespace = 'races'
export const hourMs = 3_600_000
const graph = graphOf([
  ['target', [], { priority: 0 }],
  ['beside', [], { priority: 1 }],
  ['after', ['target', 'beside']],
])

/** What register_definition is given; the same version may come with another digest. */
export const raceDefinition = (digest = 'd') => ({
  namespace: raceNamespace,
  name: 'race',
  description: '',
  version: '1.0.0',
  digest,
  graph_id: randomUUID(),
  settings: {},
  annotates: true,
  steps: graph,
})

export async function defineRace(on: Database): Promise<DefinitionId> {
  const [row] = await on.run(
    'register_definition',
    'select stored_id from tasker.register_definition($1::jsonb)',
    [JSON.stringify(raceDefinition())],
  )
  return row?.['stored_id'] as DefinitionId // the identity column of definitions
}

/** Makes the task and brings it into the situation. */
export async function setScene(
  on: Database,
  definitionId: DefinitionId,
  situation: Situation,
): Promise<Scene> {
  const before = newTaskId()
  const taskId = newTaskId()
  const callIds = new Map<string, CallId>()
  const workers = await register(on, definitionId)
  const key = `key of ${taskId}`
  // One step alone is due in each situation, so that a claim which passes by takes nothing.
  const bypassSteps = situation === 'fresh' ? ['beside'] : []
  const keyTtlHours = withExpiredKey.includes(situation) ? -1 : 1
  const request = { taskId, deadlineMs: hourMs, key, digest: 'd', keyTtlHours, bypassSteps }
  await createTasks(on, [newTask(definitionId, request)], {
    lockTimeoutMs: 10_000,
    now: null,
    transaction: null,
  })
  const stand = await bring({ on, definitionId, taskId, workers }, situation)
  // As each worker does with its next call.
  await on.run('', forgetSettled, [Object.values(workers)])
  return {
    definitionId,
    taskId,
    // One for each name of the list.
    spareIds: Object.fromEntries(spareIds.map((name) => [name, newTaskId()])) as Scene['spareIds'],
    before,
    key,
    workers,
    current: null,
    beside: null,
    stale: null,
    ...stand,
    callId(name) {
      const callId = callIds.get(name) ?? newCallId()
      callIds.set(name, callId)
      return callId
    },
  }
}

async function register(on: Database, definitionId: DefinitionId): Promise<Scene['workers']> {
  const leasesMs = roles.map((role) => (role === 'holder' ? 0 : hourMs))
  const rows = await on.run(
    '',
    `select tasker.register_worker('races', 1, '0', array[$1::integer], 4, l) as id from unnest($2::integer[]) l`,
    [definitionId, leasesMs],
  )
  const ids = rows.map((row) => row['id'] as WorkerId) // the identity column of workers
  const [keeper, holder, other, spare] = ids as [WorkerId, WorkerId, WorkerId, WorkerId] // one for each role
  return { keeper, holder, other, spare }
}

const forgetSettled = `
  delete from tasker.receipts r
  where r.worker_id = any ($1::integer[])
    and not exists (
      select 1
      from unnest(r.task_ids, r.step_nos, r.claim_nos) as c(task_id, step_no, claim_no)
      join tasker.workflow_steps s using (task_id, step_no, claim_no)
      where s.state = 'in_progress')`

interface Stage {
  readonly on: Database
  readonly definitionId: DefinitionId
  readonly taskId: TaskId
  readonly workers: Scene['workers']
}

type Stand = Partial<Pick<Scene, 'current' | 'beside' | 'stale'>>

async function bring(stage: Stage, situation: Situation): Promise<Stand> {
  if (situation === 'fresh') return {}
  const current = await take(stage, 'holder')
  const beside = await take(stage, 'other')
  if (situation === 'two run') return { current, beside }
  await end(stage, beside)
  switch (situation) {
    case 'running':
      return { current }
    case 'last runs':
      return { current: await endAndTake(stage, current) }
    case 'abandoned':
      await stopWorker(stage.on, stage.workers.holder, null)
      return { current }
    case 'taken over':
      await lose(stage, 'holder')
      return { current: await take(stage, 'other'), stale: current }
    case 'suspect':
      await lose(stage, 'holder')
      await take(stage, 'spare')
      await lose(stage, 'spare')
      return { stale: current }
    case 'due':
      await end(stage, current, { kind: 'release' })
      return { stale: current }
    case 'retrying':
      await end(stage, current, { kind: 'failed', delayMs: hourMs })
      return { stale: current }
    case 'waiting':
      await end(stage, current, { kind: 'wait', runAt: await inAnHour(stage.on) })
      return { stale: current }
    case 'held':
      await end(stage, current, { kind: 'release' })
      await hold(stage)
      return { stale: current }
    case 'failed':
      await end(stage, current, { kind: 'failed' })
      return { stale: current }
    case 'complete': {
      const last = await endAndTake(stage, current)
      const hook = await endAndTake(stage, last)
      await end(stage, hook)
      return { stale: last }
    }
    default:
      return situation satisfies never
  }
}

async function take({ on, definitionId, workers }: Stage, by: Role): Promise<Claim> {
  const lanes = [definitionId, -definitionId]
  const { claims } = await finishSteps(on, finishCall(workers[by], { lanes, want: 1 }))
  return claimOf(by, claims)
}

function claimOf(by: Role, [step]: readonly ClaimedStep[]): Claim {
  if (step === undefined) throw new Error(`${by} was given nothing`)
  return { by, step }
}

async function end(
  { on, workers }: Stage,
  { by, step }: Claim,
  parts: Partial<StepOutcome> = {},
): Promise<void> {
  await finishSteps(on, finishCall(workers[by], { outcomes: [outcomeOf(step, parts)] }))
}

/** Records it and takes what comes next. */
async function endAndTake(
  { on, definitionId, workers }: Stage,
  { by, step }: Claim,
): Promise<Claim> {
  const { claims } = await finishSteps(
    on,
    finishCall(workers[by], { outcomes: [outcomeOf(step)], want: 1, lanes: [definitionId] }),
  )
  return claimOf(by, claims)
}

async function lose({ on, workers }: Stage, by: Role): Promise<void> {
  await stopWorker(on, workers[by], null)
  await rescue(on, workers.keeper)
}

/** Takes over what workers that are gone have left. */
export const rescue = (on: Database, workerId: WorkerId, mayTakeOver = false) =>
  rescueSteps(on, {
    workerId,
    leaseMs: 1,
    mayTakeOver,
    lostLimit: 5,
    receiptsMax: 100,
    now: null,
  })

async function hold({ on, taskId }: Stage): Promise<void> {
  await operateTasks(on, orderOf([taskId], 'hold'))
}

export const orderOf = (
  taskIds: readonly TaskId[],
  action: string,
  steps: readonly string[] | null = null,
): Parameters<typeof operateTasks>[1] => ({
  taskIds,
  action,
  steps,
  result: '"by hand"',
  moreAttempts: 1,
  limit: action === 'set_retry_limit' ? 7 : null,
  expectedRevision: null,
  actor: 'ana',
  reason: 'race',
  isWhole: false,
  isTrial: false,
  now: null,
})

export async function inAnHour(on: Database): Promise<Date> {
  const [row] = await on.run('', `select clock_timestamp() + interval '1 hour' as at`, [])
  return row?.['at'] as Date // timestamptz
}
