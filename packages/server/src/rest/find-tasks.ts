// Lists of tasks: filters, order, pages, totals.
import { z } from 'zod'
import { operation, type Operation } from '../operation.ts'
import { linkHeader, nextLink, pageOf } from './paging.ts'
import { fieldsOfListed, showListed } from './read-tasks.ts'
import { limitText, listText, uuid } from './schemas.ts'
import { filterQuery, requireFilter, selectionOf } from './task-filter.ts'
import { taskList, taskPartFields, taskRowFields } from './task-schemas.ts'

const { dependency_analysis: _, ...listedParts } = taskPartFields

/** `annotations` is short for `task_annotations`. */
const included = ['total', 'annotations', ...Object.keys(listedParts)]

export const findTasks: Operation = operation({
  id: 'listTasks',
  method: 'get',
  path: '/tasks',
  permission: 'tasker.task:index',
  authentication: 'global',
  tag: 'Tasks',
  summary: 'Find tasks',
  description:
    'Of what the caller may see. A page costs the same however many tasks are kept; with conditions that no index answers (initiator, source_system, held, priority, times, context) it looks at the 10,000 tasks next in order, so it may be short, or empty, and not be the last: `page.next_cursor` says.',
  query: z.strictObject({
    ...filterQuery,
    limit: limitText,
    cursor: uuid.optional(),
    sort_by: z.enum(['created_at']).default('created_at'),
    sort_order: z.enum(['asc', 'desc']).default('desc'),
    include: listText(z.enum(included)).optional(),
    fields: listText(
      z.enum([...Object.keys(taskRowFields), ...Object.keys(listedParts)]),
    ).optional(),
  }),
  answers: {
    200: { description: 'A page, newest first by default.', schema: taskList, headers: linkHeader },
  },
  async handle({ tasker, access, request, query }) {
    const { limit, cursor, sort_order: sortOrder, include = [], ...filter } = query
    await requireFilter(access, filter)
    const selection = selectionOf(filter, await access.scope('tasker.task:index'))
    const order = sortOrder === 'asc' ? 'oldest_first' : 'newest_first'
    const [{ tasks, nextCursor }, total] = await Promise.all([
      tasker.tasks.find({ ...selection, order, limit, after: cursor }),
      include.includes('total') ? tasker.tasks.count(selection) : null,
    ])
    const fields = fieldsOfListed({ fields: query.fields, include: partsOf(include) })
    return {
      body: {
        tasks: await showListed({ tasker, access }, tasks, fields),
        page: pageOf(nextCursor, total),
      },
      headers: nextLink(request, nextCursor),
    }
  },
})

/** What `include` names, as fields. */
export const partsOf = (include: readonly string[]): readonly string[] =>
  include.map((name) => (name === 'annotations' ? 'task_annotations' : name))
