// Why a task does not progress, with what would change it as requests beside the commands.
import type { Remedy, StepReason, Tasker, WhyReport } from '@tasker/engine'
import { z } from 'zod'
import { operation, type Operation } from '../operation.ts'
import { taskPathOf, type RequestToSend } from './operated.ts'
import { snakeCased } from './snake-case.ts'
import { taskPath } from './task-schemas.ts'
import { whyReport } from './why-schemas.ts'

export const explainTask: Operation = operation({
  id: 'explainTask',
  method: 'get',
  path: '/tasks/{task_id}/why',
  permission: 'tasker.task:show',
  authentication: 'global',
  tag: 'Tasks',
  summary: 'Say why a task does not progress',
  description:
    'For each step that is not done the reason, since when, what happens next, and what would change it. What handlers threw is left out for a caller without `tasker.workflow_step:show_payload`.',
  params: taskPath,
  answers: {
    200: {
      description: 'Why, as of this moment.',
      schema: z.strictObject({ why: whyReport }).meta({ id: 'WhyBody' }),
    },
  },
  async handle({ tasker, access, params }) {
    const taskId = params.task_id
    const errors = await access.can('tasker.workflow_step:show_payload', { taskId })
    return { body: { why: showWhy(tasker, await tasker.tasks.why(taskId, { errors })) } }
  },
})

const showWhy = (tasker: Tasker, why: WhyReport) => ({
  task_id: why.taskId,
  namespace: why.namespace,
  name: why.name,
  version: why.version,
  status: why.state,
  summary: why.summary,
  root_cause: why.rootCause,
  remedies: why.remedies.map((remedy) => showRemedy(tasker, why, remedy)),
  end:
    why.end === null
      ? null
      : {
          status: why.end.state,
          at: why.end.at,
          cause: why.end.cause,
          by: why.end.by,
          why: why.end.why,
          failed_steps: why.end.failedSteps,
        },
  deadline_at: why.deadlineAt,
  total_steps: why.totalSteps,
  done_steps: why.doneSteps,
  counts: why.counts,
  steps: why.steps.map((step) => showReason(tasker, why, step)),
  at: why.at,
})

function showReason(tasker: Tasker, about: WhyReport, reason: StepReason) {
  const { step, state, reason: name, explanation, since, next, nextAt, remedies, ...rest } = reason
  return {
    step,
    status: state,
    reason: name,
    explanation,
    since,
    next,
    next_at: nextAt,
    details: snakeCased(rest),
    remedies: remedies.map((remedy) => showRemedy(tasker, about, remedy)),
  }
}

const showRemedy = (tasker: Tasker, about: WhyReport, { effect, command, call }: Remedy) => ({
  effect,
  command,
  request: call === null ? null : requestFor(tasker, about, call),
})

function requestFor(
  tasker: Tasker,
  { taskId, namespace }: WhyReport,
  { action, on, steps }: NonNullable<Remedy['call']>,
): RequestToSend {
  const [step] = steps
  if (on === 'namespace') {
    const path = taskPathOf(tasker, '').replace(/tasks\/$/, '')
    return {
      method: 'POST',
      path: `${path}namespaces/${encodeURIComponent(namespace)}/${action}`,
      body: null,
    }
  }
  if (action === 'rerun') {
    const body = steps.length === 0 ? null : { from: steps }
    return { method: 'POST', path: taskPathOf(tasker, taskId, '/rerun'), body }
  }
  const of = step === undefined ? '' : `/workflow_steps/${encodeURIComponent(step)}`
  return {
    method: 'POST',
    path: taskPathOf(tasker, taskId, `${of}/${action}`),
    body: action === 'resolve' ? { result: '<json>' } : null,
  }
}
