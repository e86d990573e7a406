// Doing a part of an ended task again, as a new task.
import type { Json } from '@tasker/engine'
import { z } from 'zod'
import { requireNewData } from '../auth/new-data.ts'
import { operation, type Operation } from '../operation.ts'
import { requireNoKey } from './idempotency.ts'
import { reasonText, taskPathOf, undo } from './operated.ts'
import { etagHeader, ifMatch, requireRevision } from './preconditions.ts'
import { readSummary } from './read-tasks.ts'
import { json, jsonObject, text, uuid } from './schemas.ts'
import { stepStatus } from './step-schemas.ts'
import { taskPath } from './task-schemas.ts'

const stepNames = z.union([text(256), z.array(text(256)).min(1).max(1_000)])

const rerun = z
  .strictObject({
    task_id: uuid.nullable().meta({ description: 'The new task; null on a dry run.' }),
    rerun_of: uuid,
    dry_run: z.boolean(),
    steps: z.array(
      z.strictObject({
        name: z.string(),
        runs: z.boolean().meta({ description: 'False: its result is taken over.' }),
        was: stepStatus,
      }),
    ),
    undo,
  })
  .meta({ id: 'Rerun' })

const rerunBody = z.strictObject({ rerun }).meta({ id: 'RerunBody' })

export const rerunTask: Operation = operation({
  id: 'rerunTask',
  method: 'post',
  path: '/tasks/{task_id}/rerun',
  permission: 'tasker.task:retry',
  authentication: 'global',
  tag: 'Operator actions',
  summary: 'Do part of an ended task again',
  description:
    'As a new task linked to it; satisfied steps are taken over with their results. A new context, or new inputs, need `tasker.task:create` too. Sent twice it makes two tasks, and no idempotency key is kept for it: look for `rerun_of` in the list of tasks first, or send `if-match`, which is compared before it begins.',
  params: taskPath,
  headers: ifMatch,
  body: z.strictObject({
    from: stepNames.optional().meta({
      description:
        'Steps to do again, with all that depends on them. Left out: what was not satisfied.',
      example: ['charge'],
    }),
    context: jsonObject
      .optional()
      .meta({ description: 'A new one. Left out: that of the old task.' }),
    inputs: z.record(z.string(), json).optional().meta({
      description: 'New inputs by step; these steps are done again too.',
    }),
    dry_run: z
      .boolean()
      .default(false)
      .meta({ description: 'Say what would run, and create nothing.' }),
    reason: reasonText,
  }),
  answers: {
    200: { description: 'What would run.', schema: rerunBody },
    201: {
      description: 'Created.',
      schema: rerunBody,
      headers: { location: 'Where the new task is.', ...etagHeader },
    },
  },
  refuses: [
    'MOVE_NOT_ALLOWED',
    'REVISION_CONFLICT',
    'STEP_NOT_FOUND',
    'CONTEXT_INVALID',
    'DEFINITION_NOT_FOUND',
  ],
  async handle({ tasker, access, request, params, headers, body }) {
    requireNoKey(request)
    const taskId = params.task_id
    await requireNewData(access, taskId, body)
    requireRevision(headers, await readSummary({ tasker, access }, taskId))
    const { dry_run: dryRun, inputs, ...rest } = body
    const made = await tasker.tasks.rerun(taskId, {
      ...rest,
      inputs: inputs as Readonly<Record<string, Json>> | undefined, // it was parsed from JSON
      dryRun,
      actor: access.actor,
    })
    const cancel = made.taskId === null ? null : taskPathOf(tasker, made.taskId, '/cancel')
    const shown = {
      task_id: made.taskId,
      rerun_of: made.rerunOf,
      dry_run: dryRun,
      steps: made.steps.map(({ step, runs, was }) => ({ name: step, runs, was })),
      undo: {
        explanation: 'Cancel the new task; the old one was not changed.',
        request: cancel === null ? null : { method: 'POST', path: cancel, body: null },
      },
    }
    return {
      status: made.taskId === null ? 200 : 201,
      body: { rerun: shown },
      headers: made.taskId === null ? {} : { location: taskPathOf(tasker, made.taskId) },
      audit: { detail: { rerun: made.taskId, dry_run: dryRun } },
    }
  },
})
