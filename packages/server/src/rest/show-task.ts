// Tasks and steps as REST shows them: snake_case, and payloads only for who may see them.
import type { StepRow, TaskListing, TaskView } from '@tasker/engine'
import type { Access } from '../auth/access.ts'

/** Which payloads a caller may see. */
export interface Payload {
  readonly ofTask: boolean
  readonly ofSteps: boolean
}

export async function taskPayload(access: Access, taskId: string): Promise<Payload> {
  const [ofTask, ofSteps] = await Promise.all([
    access.can('tasker.task:show_payload', { taskId }),
    access.can('tasker.workflow_step:show_payload', { taskId }),
  ])
  return { ofTask, ofSteps }
}

export const showTaskRow = (task: Omit<TaskListing, 'definitionId'>) => ({
  task_id: task.taskId,
  name: task.name,
  namespace: task.namespace,
  version: task.version,
  full_name: `${task.namespace}.${task.name}@${task.version}`,
  status: task.state,
  priority: task.priority,
  initiator: task.initiator,
  source_system: task.sourceSystem,
  reason: task.reason,
  tags: task.tags,
  requested_at: task.requestedAt,
  created_at: task.createdAt,
  started_at: task.startedAt,
  ended_at: task.endedAt,
  deadline_at: task.deadlineAt,
  is_held: task.isHeld,
  rerun_of: task.rerunOf,
})

export const showTask = (view: TaskView, payload: Payload) => ({
  ...showTaskRow(view),
  context: payload.ofTask ? view.context : null,
  correlation_id: view.correlationId,
  workflow_steps: view.steps.map((row) => showStep(view.taskId, row, payload)),
})

export const showStep = (taskId: string, row: StepRow, { ofSteps }: Payload) => ({
  task_id: taskId,
  step_no: row.stepNo,
  name: row.name,
  status: row.state,
  attempts: row.attempts,
  retry_limit: row.retryLimit,
  results: ofSteps ? row.result : null,
})
