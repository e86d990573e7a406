// Listens for how tasks and steps do: durations, retries, the agreed time, and attempts that are used up.
import type { Tasker } from '@tasker/engine'
import { monitoring } from './definition.ts'
import { errorTypeOf } from './error-type.ts'
import type { Observations } from './observations.ts'
import type { Watch } from './watch.ts'

export function watchPerformance(tasker: Tasker, seen: Observations, watch: Watch): void {
  watch.on('task.completed', ({ taskId, namespace, taskName, createdAt, endedAt }) => {
    const seconds = ((endedAt ?? createdAt).getTime() - createdAt.getTime()) / 1000
    seen.observe('task_execution_duration_seconds', seconds, { namespace, task_name: taskName })
    const sla_met = seconds <= monitoring.sla_seconds
    seen.count('sla_compliance_total', { sla_met })
    if (sla_met) return
    seen.note('performance.sla.violation', { taskId, seconds })
    seen.say('warning', `Took ${seconds} s of ${monitoring.sla_seconds} s`, { taskId })
  })

  watch.on('task.failed', async ({ taskId }) => {
    const failed = (await tasker.tasks.get(taskId)).steps.find(({ state }) => state === 'error')
    const error_type = errorTypeOf(failed?.name ?? 'none', failed?.error ?? null)
    seen.count('task_failures_total', { error_type })
    if (error_type === 'timeout' || error_type === 'connection') {
      seen.say('error', `A task failed: ${error_type}`, { taskId })
    }
  })

  watch.on('step.completed', ({ stepName, attempt }) => {
    if (attempt > 1) seen.count('step_retries_total', { step_name: stepName }, attempt - 1)
  })

  watch.on('step.failed', ({ stepName, taskId, attempt, retryAt }) => {
    const final_failure = retryAt === null
    seen.count('step_failures_total', { step_name: stepName, final_failure })
    if (!final_failure) return
    seen.note('performance.step.retry_exhausted', { stepName, taskId, attempt })
    seen.say('error', `${stepName} is not tried again`, { taskId })
  })
}
