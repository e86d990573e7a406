// What REST says of why a task does not progress, as schemas. The values are made in task-why.ts.
import { z } from 'zod'
import { requestSchema } from './operated.ts'
import { timestamp, uuid } from './schemas.ts'
import { stepStatus } from './step-schemas.ts'
import { payloadNote, taskStatus } from './task-schemas.ts'

const bareError = {
  class: z.string().meta({ example: 'PermanentError' }),
  message: z.string(),
  code: z.string().nullable(),
}

export const errorBrief = z
  .strictObject({ ...bareError, cause: z.strictObject(bareError).optional() })
  .nullable()
  .meta({ id: 'ErrorBrief', description: payloadNote('workflow_step') })

const remedy = z
  .strictObject({
    effect: z.string().meta({ example: 'tries it again' }),
    command: z.string().meta({ example: 'tasker task retry <id> --step charge' }),
    request: requestSchema.nullable().meta({
      description:
        'The same as a request; null: no request does it. What is left to choose stands in <…>.',
    }),
  })
  .meta({ id: 'Remedy' })

const stepReason = z
  .strictObject({
    step: z.string(),
    status: stepStatus,
    reason: z.string().meta({ example: 'exhausted' }),
    explanation: z.string().meta({ description: 'Read behind the name of the step.' }),
    since: timestamp.nullable(),
    next: z.string().meta({ description: 'What will happen by itself.' }),
    next_at: timestamp.nullable(),
    details: z.looseObject({}).meta({ description: 'What is known about this reason.' }),
    remedies: z.array(remedy),
  })
  .meta({ id: 'StepReason' })

export const whyReport = z
  .strictObject({
    task_id: uuid,
    namespace: z.string(),
    name: z.string(),
    version: z.string(),
    status: taskStatus,
    summary: z.string(),
    root_cause: z
      .string()
      .nullable()
      .meta({ description: 'The worst step that waits for no other.' }),
    remedies: z.array(remedy),
    end: z
      .strictObject({
        status: taskStatus,
        at: timestamp,
        cause: z.enum(['complete', 'failed', 'deadline', 'cancelled', 'resolved']),
        by: z.string().nullable(),
        why: z.string().nullable(),
        failed_steps: z.array(z.strictObject({ step: z.string(), error: errorBrief })),
      })
      .nullable(),
    deadline_at: timestamp.nullable(),
    total_steps: z.int(),
    done_steps: z.int(),
    counts: z.record(z.string(), z.int()),
    steps: z.array(stepReason).meta({ description: 'Those that are not done.' }),
    at: timestamp,
  })
  .meta({ id: 'WhyReport' })
