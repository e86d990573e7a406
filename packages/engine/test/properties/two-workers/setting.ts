// How a run of the two-worker test begins: empty tables, the drawn tasks in them and in the model, and workers that register.
import { createTasks } from '../../../src/database/create-tasks.ts'
import { registerWorker } from '../../../src/database/workers.ts'
import type { DefinitionId, WorkerId } from '../../../src/ids.ts'
import { newTask, type Connection, type Lab } from '../../protocol/lab.ts'
import type { TaskDrawn } from './plan.ts'
import { leaseMs, type StepNow, type TaskNow } from './world.ts'

export const startMs = Date.UTC(2040, 0, 1)

export const register = (
  on: Connection,
  serves: readonly DefinitionId[],
  nowMs: number,
): Promise<WorkerId> =>
  registerWorker(on.database, {
    host: 'bench',
    pid: 1,
    version: '0',
    serves,
    slots: 10,
    leaseMs,
    now: new Date(nowMs),
  })

export async function create(lab: Lab, drawn: TaskDrawn): Promise<TaskNow> {
  const parentsOf = (parents: readonly number[], index: number): readonly number[] =>
    index === 0 ? [] : [...new Set(parents.map((parent) => 1 + (parent % index)))]
  const steps = drawn.steps.map(({ parents, retryable, limit }, index): StepNow => ({
    stepNo: index + 1,
    name: `s${index + 1}`,
    parents: parentsOf(parents, index),
    retryable,
    limit,
    ...fresh,
    dueMs: index === 0 || parents.length === 0 ? startMs : null,
  }))
  const definitionId = await lab.define(
    steps.map(({ name, parents, retryable, limit }) => [
      name ?? '',
      parents.map((parent) => `s${parent}`),
      { retryable, retry_limit: limit },
    ]),
  )
  const { deadlineMs } = drawn
  const [created] = await createTasks(lab.eye.database, [newTask(definitionId, { deadlineMs })], {
    lockTimeoutMs: 10_000,
    now: new Date(startMs),
    transaction: null,
  })
  if (created === undefined) throw new Error('create_tasks answered nothing.')
  const deadline = { stepNo: -1, name: null, parents: [], retryable: true, limit: 32_767, ...fresh }
  return {
    taskId: created.taskId,
    definitionId,
    deadlineMs: deadlineMs === null ? null : startMs + deadlineMs,
    steps: deadlineMs === null ? steps : [...steps, { ...deadline, dueMs: startMs + deadlineMs }],
    state: 'pending',
    isHeld: false,
    mayBeUnstarted: false,
  }
}

const fresh = {
  state: 'pending',
  claimNo: 0,
  attempts: 0,
  losses: 0,
  waits: 0,
  workerId: null,
  placeMs: 0,
  result: undefined,
} as const

// Cheaper than truncating, which makes files anew.
export async function empty(lab: Lab): Promise<void> {
  const [row] = await lab.eye.query(
    `select string_agg(format('delete from tasker.%I', tablename), '; ' order by tablename = 'definitions' desc,
       tablename = 'named_tasks' desc) as sql
     from pg_tables
     where schemaname = 'tasker' and tablename not in ('migrations', 'schema_version')`,
  )
  await lab.eye.client.query(String(row?.['sql']))
}
