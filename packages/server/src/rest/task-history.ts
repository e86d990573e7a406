// What happened to a task: its history as it was recorded, in pages, and as people read it.
import type { HistoryRow, PhasesPassed, Timeline, TimelineEntry } from '@tasker/engine'
import { z } from 'zod'
import { operation, type Operation } from '../operation.ts'
import { refused } from '../request-faults.ts'
import { linkHeader, nextLink, pageOf } from './paging.ts'
import { jsonObject, limitText, page, text, timestamp, uuid } from './schemas.ts'
import { snakeCased } from './snake-case.ts'
import { taskPayload, type Payload } from './show-task.ts'
import { stepStatus } from './step-schemas.ts'
import { payloadNote, taskPath, taskStatus } from './task-schemas.ts'
import { errorBrief } from './why-schemas.ts'

const entryFields = {
  seq: z.int().meta({
    description: 'Orders the history. A claim has that of the last entry its worker had seen.',
  }),
  step: z.string().nullable().meta({ description: 'Null: an entry of the task itself.' }),
  claim_no: z.int().nullable(),
  from_status: z.string().nullable(),
  to_status: z.string(),
  attempt: z.int().nullable(),
  at: timestamp,
}

const metadata = jsonObject.nullable().meta({
  description: `What was recorded beside it, errors included. ${payloadNote('workflow_step')} Of the task itself: \`tasker.task:show_payload\`.`,
})

const historyEntry = z
  .strictObject({
    ...entryFields,
    actor: z.string().meta({ example: 'ana' }),
    reason: z.string().nullable(),
    metadata,
  })
  .meta({ id: 'HistoryEntry' })

const showHistory = operation({
  id: 'listTaskHistory',
  method: 'get',
  path: '/tasks/{task_id}/history',
  permission: 'tasker.task:show',
  authentication: 'global',
  tag: 'Tasks',
  summary: 'List what was recorded of a task',
  description: 'Oldest first.',
  params: taskPath,
  query: z.strictObject({ limit: limitText, cursor: text(1_024).optional() }),
  answers: {
    200: {
      description: 'A page.',
      schema: z.strictObject({ history: z.array(historyEntry), page }).meta({ id: 'TaskHistory' }),
      headers: linkHeader,
    },
  },
  async handle({ tasker, access, request, params, query }) {
    const { limit, cursor } = query
    const history = await tasker.tasks.history(params.task_id)
    const payload = await taskPayload(access, params.task_id)
    const start = cursor === undefined ? 0 : placeAfter(history, cursor)
    const rows = history.slice(start, start + limit)
    const last = rows.at(-1)
    const next = start + limit < history.length && last !== undefined ? cursorOf(last) : null
    return {
      body: { history: rows.map((row) => showEntry(row, payload)), page: pageOf(next) },
      headers: nextLink(request, next),
    }
  },
})

/** An entry names itself: late ones stand among others, and shift none. */
const cursorOf = ({ seq, step, claimNo, to }: HistoryRow): string =>
  Buffer.from(JSON.stringify([seq, step, claimNo, to])).toString('base64url')

/** @throws {TaskerError} REQUEST_INVALID */
function placeAfter(history: readonly HistoryRow[], cursor: string): number {
  const place = history.findIndex((row) => cursorOf(row) === cursor)
  if (place >= 0) return place + 1
  throw refused([{ path: 'query.cursor', message: 'is not of a page of this history' }])
}

const showEntry = (row: HistoryRow, payload: Payload) => ({
  seq: row.seq,
  step: row.step,
  claim_no: row.claimNo,
  from_status: row.from,
  to_status: row.to,
  attempt: row.attempt,
  actor: row.actor,
  reason: row.reason,
  metadata: maySee(row.step, payload) ? row.metadata : null,
  at: row.at,
})

const maySee = (step: string | null, { ofTask, ofSteps }: Payload): boolean =>
  step === null ? ofTask : ofSteps

const phases = {
  blocked_ms: z.number(),
  waited_ms: z.number(),
  ran_ms: z.number(),
  lost_ms: z.number(),
  backed_off_ms: z.number(),
  paused_ms: z.number(),
  stopped_ms: z.number(),
}

const timeline = z
  .strictObject({
    task_id: uuid,
    namespace: z.string(),
    name: z.string(),
    version: z.string(),
    status: taskStatus,
    created_at: timestamp,
    ended_at: timestamp.nullable(),
    entries: z.array(
      z.strictObject({
        ...entryFields,
        kind: z.string().meta({ example: 'will_retry' }),
        who: z.strictObject({
          kind: z.enum(['worker', 'rescue', 'tasker', 'person']),
          name: z.string(),
          host: z.string().nullable(),
          pid: z.int().nullable(),
        }),
        why: z.string().nullable(),
        error: errorBrief,
        due_at: timestamp.nullable(),
        took: z.strictObject(phases).partial(),
        metadata,
      }),
    ),
    steps: z.array(
      z.strictObject({
        name: z.string(),
        status: stepStatus,
        claims: z.int(),
        ...phases,
        total_ms: z.number(),
      }),
    ),
    at: timestamp.meta({ description: 'What has not ended is counted until then.' }),
  })
  .meta({ id: 'Timeline' })

const showTimeline = operation({
  id: 'getTaskTimeline',
  method: 'get',
  path: '/tasks/{task_id}/timeline',
  permission: 'tasker.task:show',
  authentication: 'global',
  tag: 'Tasks',
  summary: 'Tell what happened to a task',
  description: 'Who did what, when and why, and where the time of each step went.',
  params: taskPath,
  answers: {
    200: {
      description: 'All of it, oldest first.',
      schema: z.strictObject({ timeline }).meta({ id: 'TimelineBody' }),
    },
  },
  async handle({ tasker, access, params }) {
    const told = await tasker.tasks.timeline(params.task_id)
    return { body: { timeline: tell(told, await taskPayload(access, params.task_id)) } }
  },
})

const tell = ({ entries, steps, state, ...task }: Timeline, payload: Payload) => ({
  task_id: task.taskId,
  namespace: task.namespace,
  name: task.name,
  version: task.version,
  status: state,
  created_at: task.createdAt,
  ended_at: task.endedAt,
  entries: entries.map((entry) => tellEntry(entry, payload)),
  steps: steps.map(({ step, state: status, claims, totalMs, ...times }) => ({
    name: step,
    status,
    claims,
    ...phasesOf(times),
    total_ms: totalMs,
  })),
  at: task.at,
})

const tellEntry = (entry: TimelineEntry, payload: Payload) => ({
  seq: entry.seq,
  step: entry.step,
  claim_no: entry.claimNo,
  from_status: entry.from,
  to_status: entry.to,
  attempt: entry.attempt,
  at: entry.at,
  kind: entry.kind,
  who: entry.who,
  why: entry.why,
  error: maySee(entry.step, payload) ? entry.error : null,
  due_at: entry.dueAt,
  took: phasesOf(entry.took),
  metadata: maySee(entry.step, payload) ? entry.metadata : null,
})

const phasesOf = (times: PhasesPassed): object => snakeCased(times) as object // as it came

export const taskHistory: readonly Operation[] = [showHistory, showTimeline]
