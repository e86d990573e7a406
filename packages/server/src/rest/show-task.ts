// Tasks as REST shows them: snake_case, and payloads only for who may see them.
import type {
  ExecutionContextRow,
  StepRow,
  StoredAnnotation,
  TaskListing,
  TaskSummary,
} from '@tasker/engine'
import type { Access } from '../auth/access.ts'
import { isSatisfied, showSteps } from './show-step.ts'

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
  complete: task.state === 'complete',
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
  revision: task.revision,
})

/** What was read of a task. Steps are null for a caller who may not see them. */
export interface TaskParts {
  readonly task: TaskSummary
  readonly steps: readonly StepRow[] | null
  readonly annotations: readonly StoredAnnotation[]
}

export const showTask = ({ task, steps, annotations }: TaskParts, payload: Payload) => ({
  ...showTaskRow(task),
  context: payload.ofTask ? task.context : null,
  correlation_id: task.correlationId,
  execution: task.execution === null ? null : showExecution(task.execution),
  workflow_steps: steps === null ? null : showSteps(task.taskId, steps, payload.ofSteps),
  bypass_steps: steps?.filter(({ state }) => state === 'skipped').map(({ name }) => name) ?? null,
  task_annotations: annotations.map((one) => showAnnotation(task.taskId, one, payload)),
  results:
    steps === null || !payload.ofSteps
      ? null
      : Object.fromEntries(steps.filter(isSatisfied).map(({ name, result }) => [name, result])),
})

export const showAnnotation = (
  taskId: string,
  { type, annotation, createdAt }: StoredAnnotation,
  { ofTask }: Payload,
) => ({
  task_id: taskId,
  annotation_type_name: type,
  annotation: ofTask ? annotation : null,
  created_at: createdAt,
})

const showExecution = (execution: ExecutionContextRow) => ({
  execution_status: execution.executionStatus,
  health_status: execution.healthStatus,
  recommended_action: execution.recommendedAction,
  completion_percentage: execution.completionPercentage,
  total_steps: execution.totalSteps,
  pending_steps: execution.pendingSteps,
  in_progress_steps: execution.inProgressSteps,
  completed_steps: execution.completedSteps,
  failed_steps: execution.failedSteps,
  cancelled_steps: execution.cancelledSteps,
  ready_steps: execution.readySteps,
  permanently_blocked_steps: execution.permanentlyBlockedSteps,
  next_due_at: execution.nextDueAt,
})
