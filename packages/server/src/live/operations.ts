// Live events over REST: what happens to one task, or to all that the caller may see, as it happens.
import { z } from 'zod'
import { shownEvent } from './show-event.ts'
import { operation, type Answer, type Call, type Operation } from '../operation.ts'
import { requireTask } from '../require-task.ts'
import { listText, uuid } from '../rest/schemas.ts'

const place = {
  cursor: z.string().max(16_384).optional().meta({
    description: 'Goes on after this id of an event. The header `last-event-id` goes first.',
  }),
  since: z.enum(['now', 'start']).default('now').meta({
    description: 'Without an id: what comes from now on, or all that the journal still has.',
  }),
  event: listText(z.string().min(1).max(128)).optional().meta({
    description: 'Names of events and patterns (`task.*`). Default: all.',
  }),
}

const answers: Readonly<Record<number, Answer>> = {
  200: {
    description:
      'Until the client goes. Each message has the name of an event, its JSON (schema `Event`) as data, and an id to go on ' +
      'after; comments between them keep the connection open. `problem` says why the stream ends, when it does not simply ' +
      'have to be opened again.',
    schema: z.string(),
    contentType: 'text/event-stream',
    message: shownEvent,
  },
}

const refuses = ['HISTORY_CURSOR_INVALID', 'HISTORY_CURSOR_EXPIRED', 'STREAMS_EXHAUSTED'] as const

export const liveOperations: readonly Operation[] = [
  operation({
    id: 'followEvents',
    method: 'get',
    path: '/events',
    permission: 'tasker.task:index',
    authentication: 'global',
    transport: 'sse',
    tag: 'Live events',
    summary: 'Follow what happens to all tasks',
    query: z.strictObject({
      ...place,
      namespace: listText(z.string().min(1).max(256)).optional(),
      name: listText(z.string().min(1).max(256)).optional(),
    }),
    answers,
    refuses,
    handle: async (call) =>
      call.live.stream({
        ...orderOf(call),
        permission: 'tasker.task:index',
        namespaces: call.query.namespace ?? null,
        names: call.query.name ?? null,
      }),
  }),
  operation({
    id: 'followTaskEvents',
    method: 'get',
    path: '/tasks/{task_id}/events',
    permission: 'tasker.task:show',
    authentication: 'global',
    transport: 'sse',
    tag: 'Live events',
    summary: 'Follow what happens to one task',
    params: z.strictObject({ task_id: uuid }),
    query: z.strictObject(place),
    answers,
    refuses,
    async handle(call) {
      const { taskId } = await requireTask(call.tasker, call.params.task_id)
      return call.live.stream({ ...orderOf(call), permission: 'tasker.task:show', taskId })
    },
  }),
]

interface Asked {
  readonly cursor?: string | undefined
  readonly since: 'now' | 'start'
  readonly event?: readonly string[] | undefined
}

function orderOf(call: Call<unknown, Asked, unknown>) {
  const { access, renewAccess, request, peer, correlationId, query } = call
  return {
    access,
    renewAccess,
    request,
    correlationId,
    holder: access.caller?.id ?? peer.address ?? 'unknown',
    // An empty one is what a client sends that has seen no id.
    after: request.headers.get('last-event-id') || query.cursor || query.since,
    events: query.event ?? null,
  }
}
