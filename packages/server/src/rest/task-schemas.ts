// What REST shows of a task, as schemas. The values are made in show-task.ts; which of the fields are read is task-fields.ts.
import {
  executionStatuses,
  healthStatuses,
  priorities,
  recommendedActions,
  taskStates,
  type Priority,
} from '@tasker/engine'
import { z } from 'zod'
import { json, jsonObject, page, timestamp, uuid } from './schemas.ts'
import { workflowStep } from './step-schemas.ts'

export const priority = z
  .enum(Object.keys(priorities) as [Priority, ...Priority[]]) // the keys of the table
  .meta({ example: 'normal' })

export const taskStatus = z.enum(taskStates)

/** Of every task, also in lists. */
export const taskRowFields = {
  task_id: uuid,
  name: z.string().meta({ example: 'process_order' }),
  namespace: z.string().meta({ example: 'payments' }),
  version: z.string().meta({ example: '1.2.0' }),
  full_name: z.string().meta({ example: 'payments.process_order@1.2.0' }),
  status: taskStatus,
  complete: z.boolean().meta({ description: 'The status is complete.' }),
  priority,
  initiator: z.string().meta({ example: 'ana' }),
  source_system: z.string().meta({ example: 'shop' }),
  reason: z.string().meta({ example: 'order placed' }),
  tags: z.array(z.string()).meta({ example: ['web'] }),
  requested_at: timestamp,
  created_at: timestamp,
  started_at: timestamp.nullable(),
  ended_at: timestamp.nullable(),
  deadline_at: timestamp.nullable(),
  is_held: z.boolean().meta({ description: 'An operator holds it: none of its steps start.' }),
  rerun_of: uuid.nullable().meta({ description: 'The ended task of which it does a part again.' }),
  revision: z.int().meta({
    description:
      'Another one as soon as anything has happened to the task but a claim. Send it as `if-match` with a change.',
    example: 3,
  }),
}

export const execution = z
  .strictObject({
    execution_status: z.enum(executionStatuses),
    health_status: z.enum(healthStatuses),
    recommended_action: z.enum(Object.values(recommendedActions)),
    completion_percentage: z.number().min(0).max(100),
    total_steps: z.int(),
    pending_steps: z.int(),
    in_progress_steps: z.int(),
    completed_steps: z.int(),
    failed_steps: z.int(),
    cancelled_steps: z.int(),
    ready_steps: z.int(),
    permanently_blocked_steps: z.int(),
    next_due_at: timestamp.nullable(),
  })
  .meta({ id: 'TaskExecution' })

export const annotation = z
  .strictObject({
    task_id: uuid,
    annotation_type_name: z.string().meta({ example: 'customer' }),
    annotation: jsonObject.nullable().meta({ description: payloadNote('task') }),
    created_at: timestamp,
  })
  .meta({ id: 'Annotation' })

/** What is read apart from the row. */
export const taskPartFields = {
  context: jsonObject
    .nullable()
    .meta({ description: payloadNote('task'), example: { order_id: 7 } }),
  correlation_id: z.string().nullable(),
  execution,
  workflow_steps: z.array(workflowStep).nullable().meta({
    description: 'In the order of declaration; null without `tasker.workflow_step:index`.',
  }),
  bypass_steps: z.array(z.string()).nullable().meta({
    description:
      'Steps that count as satisfied without having run, from the start or since an operator skipped them. Null as workflow_steps.',
  }),
  task_annotations: z.array(annotation),
  results: z
    .record(z.string(), json)
    .nullable()
    .meta({
      description: `Of satisfied steps, by name. ${payloadNote('workflow_step')}`,
    }),
  dependency_analysis: z.looseObject({ analysis_timestamp: timestamp }).meta({
    id: 'DependencyAnalysis',
    description:
      'Graph, critical paths, parallelism, error chains, bottlenecks and their summary; when it could not be made, `error` instead.',
  }),
}

export function payloadNote(resource: 'task' | 'workflow_step'): string {
  return `Null for a caller without \`tasker.${resource}:show_payload\`.`
}

export const taskRow = z.strictObject(taskRowFields).meta({ id: 'TaskRow' })

export const task = z
  .strictObject({
    ...taskRowFields,
    ...taskPartFields,
    results: taskPartFields.results.optional(),
    dependency_analysis: taskPartFields.dependency_analysis.optional(),
  })
  .meta({ id: 'Task' })

/** With `fields` or `include`, what was asked for. */
export const sparseTask = z
  .strictObject({ ...taskRowFields, ...taskPartFields })
  .partial()
  .required({ task_id: true })
  .meta({ id: 'SparseTask' })

export const taskBody = z.strictObject({ task }).meta({ id: 'TaskBody' })

export const shownTaskBody = z.union([
  taskBody,
  z.strictObject({ task: sparseTask }).meta({ id: 'SparseTaskBody' }),
])

export const taskList = z.union([
  z.strictObject({ tasks: z.array(taskRow), page }).meta({ id: 'TaskList' }),
  z.strictObject({ tasks: z.array(sparseTask), page }).meta({ id: 'SparseTaskList' }),
])

export const taskPath = z.strictObject({ task_id: uuid })
