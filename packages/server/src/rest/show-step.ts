// Steps as REST shows them: snake_case, with their place in the graph, and payloads only for who may see them.
import { satisfiedStates, type StepRow } from '@tasker/engine'

/** All steps of one task, in the order of declaration. */
export function showSteps(taskId: string, steps: readonly StepRow[], mayShowPayload: boolean) {
  const families = Map.groupBy(steps, familyOf)
  return steps.map((step) => {
    const siblings = step.parents.length === 0 ? [] : (families.get(familyOf(step)) ?? [])
    return {
      ...showStepRow(taskId, step),
      siblings_ids: numbersOf(siblings.filter(({ stepNo }) => stepNo !== step.stepNo)),
      inputs: mayShowPayload ? step.inputs : null,
      results: mayShowPayload ? step.result : null,
      error: mayShowPayload ? step.error : null,
    }
  })
}

export type ShownStep = ReturnType<typeof showSteps>[number]

export const isSatisfied = ({ state }: StepRow): boolean => satisfiedStates.includes(state)

function showStepRow(taskId: string, step: StepRow) {
  const { nextRetryAt, lastFailureAt } = step
  const isBackingOff = step.state === 'error' && nextRetryAt !== null && lastFailureAt !== null
  return {
    task_id: taskId,
    workflow_step_id: step.stepNo,
    name: step.name,
    handler: step.handler,
    status: step.state,
    attempts: step.attempts,
    retry_limit: step.retryLimit,
    retryable: step.retryable,
    skippable: step.skippable,
    processed: isSatisfied(step),
    processed_at: isSatisfied(step) ? step.endedAt : null,
    in_process: step.state === 'in_progress',
    last_attempted_at: step.startedAt,
    ended_at: step.endedAt,
    backoff_request_seconds: isBackingOff
      ? (nextRetryAt.getTime() - lastFailureAt.getTime()) / 1_000
      : null,
    next_retry_at: nextRetryAt,
    is_ready: step.isReady,
    blocked_by: step.blockedBy,
    blocked_detail: step.blockedDetail,
    dependencies_satisfied: step.dependenciesSatisfied,
    retry_eligible: step.retryEligible,
    dependent_system: step.dependentSystem,
    parents_ids: numbersOf(step.parents),
    children_ids: numbersOf(step.children),
  }
}

const numbersOf = (steps: readonly { readonly stepNo: number }[]): readonly number[] =>
  steps.map(({ stepNo }) => stepNo)

const familyOf = ({ parents }: StepRow): string =>
  JSON.stringify(numbersOf(parents).toSorted((a, b) => a - b))
