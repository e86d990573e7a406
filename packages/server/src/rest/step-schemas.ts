// What REST shows of a step, as schemas. The values are made in show-step.ts.
import { stepStates } from '@tasker/engine'
import { z } from 'zod'
import { json, jsonObject, page, timestamp, uuid } from './schemas.ts'

const payload = 'Null for a caller without `tasker.workflow_step:show_payload`.'

export const stepStatus = z.enum(stepStates)

/** Of every step, also in lists. */
export const stepRowFields = {
  task_id: uuid,
  workflow_step_id: z.int().meta({
    description: 'Its number in its task, from 1: what addresses it, as its name does.',
    example: 1,
  }),
  name: z.string().meta({ example: 'charge' }),
  handler: z.string().meta({
    description: 'The declared step it comes from: its own name, or that of the step that made it.',
    example: 'charge',
  }),
  status: stepStatus,
  attempts: z.int(),
  retry_limit: z.int().meta({ description: 'Attempts in all, the first included.', example: 3 }),
  retryable: z.boolean(),
  skippable: z.boolean(),
  processed: z.boolean().meta({ description: 'It is satisfied: complete, resolved or skipped.' }),
  processed_at: timestamp.nullable(),
  in_process: z.boolean(),
  last_attempted_at: timestamp.nullable(),
  ended_at: timestamp.nullable(),
  backoff_request_seconds: z.number().nullable().meta({
    description: 'From its last failure to the attempt that is to come; null: none is waited for.',
  }),
  next_retry_at: timestamp.nullable(),
  is_ready: z.boolean(),
  blocked_by: z.string().nullable().meta({ description: 'Why it may not run now.' }),
  blocked_detail: z.string().nullable(),
  dependencies_satisfied: z.boolean(),
  retry_eligible: z.boolean(),
  dependent_system: z.string(),
  parents_ids: z.array(z.int()),
  children_ids: z.array(z.int()),
  siblings_ids: z
    .array(z.int())
    .meta({ description: 'Steps that wait for exactly the same ones; none of a root.' }),
}

export const stepPayloadFields = {
  inputs: json.meta({ description: `Settings beside the context. ${payload}` }),
  results: json.meta({ description: `What it returned. ${payload}` }),
  error: jsonObject
    .nullable()
    .meta({ description: `Of the last failed attempt, until it is satisfied. ${payload}` }),
}

export const workflowStep = z
  .strictObject({ ...stepRowFields, ...stepPayloadFields })
  .meta({ id: 'WorkflowStep' })

export const workflowStepRow = z.strictObject(stepRowFields).meta({ id: 'WorkflowStepRow' })

export const sparseStep = z
  .strictObject({ ...stepRowFields, ...stepPayloadFields })
  .partial()
  .required({ task_id: true, workflow_step_id: true })
  .meta({ id: 'SparseWorkflowStep' })

export const stepBody = z.strictObject({ step: workflowStep }).meta({ id: 'WorkflowStepBody' })

export const shownStepBody = z.union([
  stepBody,
  z.strictObject({ step: sparseStep }).meta({ id: 'SparseWorkflowStepBody' }),
])

export const stepList = z.union([
  z.strictObject({ steps: z.array(workflowStepRow), page }).meta({ id: 'WorkflowStepList' }),
  z.strictObject({ steps: z.array(sparseStep), page }).meta({ id: 'SparseWorkflowStepList' }),
])

export const stepPath = z.strictObject({
  task_id: uuid,
  step: z.string().min(1).max(256).meta({
    description: 'Name or number of the step; a name goes before a number.',
    example: 'charge',
  }),
})
