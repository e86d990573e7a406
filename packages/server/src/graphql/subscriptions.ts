// Subscriptions: what happens to one task, or to all that the caller may see, from the history that all processes write.
// Which events a caller sees is decided where SSE decides it (live/watch.ts).
import { TaskerError } from '@tasker/engine'
import type { ShownEvent } from '../live/show-event.ts'
import type { Told } from '../live/watch.ts'
import type { Parts } from './builder.ts'
import type { FollowOrder, GraphqlContext } from './context.ts'
import { needs } from './guard.ts'
import { isGiven } from './given.ts'

export function defineSubscriptions(parts: Parts): void {
  const { builder } = parts
  const event = defineEvent(parts)
  const filter = builder.inputType('EventFilter', {
    description: 'Every condition that is given must hold.',
    fields: (t) => ({
      events: t.stringList({ description: 'Names of events and patterns: `task.*`.' }),
      namespaces: t.stringList(),
      names: t.stringList({ description: 'Of tasks.' }),
    }),
  })
  builder.subscriptionFields((t) => {
    const after = t.arg.string({
      description: 'The `cursor` of an event: goes on after it. Default: from now on.',
    })
    return {
      taskChanged: t.field({
        type: event,
        nullable: true,
        description: 'What happens to one task.',
        extensions: needs('tasker.task:show', (_, { taskId }: { taskId: string }) => ({ taskId })),
        args: { taskId: t.arg.id({ required: true }), after },
        subscribe: async (_, args, context) => {
          if ((await context.loaders.tasks.load(args.taskId)) === null) throw noTask(args.taskId)
          const permission = 'tasker.task:show'
          const order = { permission, taskId: args.taskId, after: args.after ?? null } as const
          return follow(context, order)
        },
        resolve: (told) => told.event,
      }),
      events: t.field({
        type: event,
        nullable: true,
        description: 'What happens to the tasks that the caller may see.',
        extensions: needs('tasker.task:index'),
        args: { filter: t.arg({ type: filter }), after },
        subscribe: async (_, args, context) =>
          follow(context, {
            permission: 'tasker.task:index',
            events: args.filter?.events ?? null,
            namespaces: args.filter?.namespaces ?? null,
            names: args.filter?.names ?? null,
            after: args.after ?? null,
          }),
        resolve: (told) => told.event,
      }),
    }
  })
}

async function follow(
  context: GraphqlContext,
  order: FollowOrder,
): Promise<AsyncGenerator<Told, void, undefined>> {
  if (context.follow !== null) return context.follow(order)
  throw new TaskerError('INTERNAL', 'A subscription was executed without a stream.')
}

const noTask = (taskId: string): TaskerError =>
  new TaskerError('TASK_NOT_FOUND', `Task ${taskId} does not exist.`, { taskId })

function defineEvent(parts: Parts) {
  // Every event has these (live/show-event.ts); the rest depends on its kind.
  const text = (event: ShownEvent, key: string): string => event[key] as string
  return parts.builder.objectRef<ShownEvent>('TaskEvent').implement({
    description: 'Something that happened to a task; docs/reference/events.md lists the names.',
    fields: (t) => ({
      event: t.string({ resolve: ({ event }) => event }),
      eventId: t.string({
        description: 'With the name, unique: told again after a break, it is the same.',
        resolve: (event) => text(event, 'event_id'),
      }),
      taskId: t.id({ resolve: (event) => text(event, 'task_id') }),
      namespace: t.string({ resolve: (event) => text(event, 'namespace') }),
      taskName: t.string({ resolve: (event) => text(event, 'task_name') }),
      version: t.string({ resolve: (event) => text(event, 'version') }),
      step: t.string({
        nullable: true,
        resolve: (event) => (!isGiven(event['step_name']) ? null : text(event, 'step_name')),
      }),
      at: t.field({
        type: 'DateTime',
        resolve: ({ at }) => at as Date, // of every event
      }),
      details: t.field({
        type: 'JSON',
        description: 'All of it, as over REST. The error is null for who may not see payloads.',
        resolve: (event) => event,
      }),
      task: t.field({
        type: parts.task,
        nullable: true,
        description: 'As it is now.',
        extensions: needs('tasker.task:show', (event: ShownEvent) => ({
          taskId: text(event, 'task_id'),
        })),
        resolve: (event, _, { loaders }) => loaders.tasks.load(text(event, 'task_id')),
      }),
    }),
  })
}
