// Steps of a task over REST: list, show, change, cancel, and what operators do to one of them.
import { TaskerError, type Json, type StepRow, type Tasker } from '@tasker/engine'
import { z } from 'zod'
import { noSuchTask } from '../require-task.ts'
import { operation, type Operation } from '../operation.ts'
import { fieldsOf, pick } from './fields.ts'
import { linkHeader, nextLink, pageOf } from './paging.ts'
import { etagHeader, etagOf, expectedBy, ifMatch, ifNoneMatch, versioned } from './preconditions.ts'
import { readSummary, type Reader } from './read-tasks.ts'
import { integerText, json, limitText, listText } from './schemas.ts'
import { reasonText } from './operated.ts'
import { showSteps, type ShownStep } from './show-step.ts'
import {
  shownStepBody,
  stepBody,
  stepList,
  stepPath,
  stepPayloadFields,
  stepRowFields,
  stepStatus,
} from './step-schemas.ts'
import { stepNameOf } from './task-actions.ts'
import { taskPath } from './task-schemas.ts'

const rowFields = Object.keys(stepRowFields)
const payloadFields = Object.keys(stepPayloadFields)
const always = ['task_id', 'workflow_step_id']
const fieldNames = listText(z.enum([...rowFields, ...payloadFields])).optional()

const listSteps = operation({
  id: 'listWorkflowSteps',
  method: 'get',
  path: '/tasks/{task_id}/workflow_steps',
  permission: 'tasker.workflow_step:index',
  authentication: 'global',
  tag: 'Workflow steps',
  summary: 'List the steps of a task',
  description: 'In the order of declaration. Payloads are there with `include` or `fields`.',
  params: taskPath,
  query: z.strictObject({
    limit: limitText,
    cursor: integerText({ min: 1, max: 1_000_000 }).optional(),
    sort_order: z.enum(['asc', 'desc']).default('asc'),
    status: listText(stepStatus).optional(),
    include: listText(z.enum(['total', ...payloadFields])).optional(),
    fields: fieldNames,
  }),
  answers: { 200: { description: 'A page.', schema: stepList, headers: linkHeader } },
  async handle({ tasker, access, request, params, query }) {
    const { limit, cursor, sort_order: order, status, include = [] } = query
    const fields = fieldsOf({ fields: query.fields, include }, { always, usual: rowFields })
    const steps = await readSteps(
      { tasker, access },
      params.task_id,
      payloadFields.some((name) => fields.has(name)),
    )
    const matching = steps.filter((step) => status?.includes(step.status) ?? true)
    const ordered = order === 'asc' ? matching : matching.toReversed()
    const isBeyond = ({ workflow_step_id: id }: ShownStep): boolean =>
      cursor === undefined || (order === 'asc' ? id > cursor : id < cursor)
    const rest = ordered.filter(isBeyond)
    const shown = rest.slice(0, limit)
    const next = rest.length > limit ? String(shown.at(-1)?.workflow_step_id ?? '') : null
    const total = include.includes('total') ? { count: matching.length, isCapped: false } : null
    return {
      body: { steps: shown.map((step) => pick(step, fields)), page: pageOf(next, total) },
      headers: nextLink(request, next),
    }
  },
})

const showStep = operation({
  id: 'getWorkflowStep',
  method: 'get',
  path: '/tasks/{task_id}/workflow_steps/{step}',
  permission: 'tasker.workflow_step:show',
  authentication: 'global',
  tag: 'Workflow steps',
  summary: 'Show one step',
  params: stepPath,
  query: z.strictObject({ fields: fieldNames }),
  headers: ifNoneMatch,
  answers: {
    200: { description: 'The step.', schema: shownStepBody, headers: etagHeader },
    304: { description: 'It is as `if-none-match` has it.', schema: null, headers: etagHeader },
  },
  refuses: ['STEP_NOT_FOUND'],
  async handle({ tasker, access, request, params, query }) {
    const reader = { tasker, access }
    const { revision } = await readSummary(reader, params.task_id)
    const step = await readStep(reader, params.task_id, params.step)
    const fields = fieldsOf(query, { always, usual: [...rowFields, ...payloadFields] })
    return versioned(request, revision, { step: pick(step, fields) })
  },
})

const stepChange = z
  .strictObject({
    retry_limit: z.int().min(1).max(32_767).optional().meta({
      description: 'Attempts in all; not fewer than the step has spent.',
    }),
    inputs: json.optional().meta({
      description: 'Settings of the step beside the context, as long as it has not started.',
    }),
    reason: reasonText,
  })
  .refine(
    ({ retry_limit: limit, inputs }) => limit !== undefined || inputs !== undefined,
    'changes nothing: give a retry_limit or inputs',
  )
  .meta({ id: 'WorkflowStepChange', example: { retry_limit: 5, reason: 'the gateway is slow' } })

const changeStep = (method: 'patch' | 'put'): Operation =>
  operation({
    id: method === 'patch' ? 'updateWorkflowStep' : 'putWorkflowStep',
    method,
    path: '/tasks/{task_id}/workflow_steps/{step}',
    permission: 'tasker.workflow_step:update',
    authentication: 'global',
    tag: 'Workflow steps',
    summary: 'Change retry limit and inputs',
    description:
      'What is left out stays, whichever of PATCH and PUT it is. The fields stand by themselves or under `workflow_step`.',
    params: stepPath,
    headers: ifMatch,
    body: z.union([
      stepChange,
      z
        .strictObject({ workflow_step: stepChange })
        .transform(({ workflow_step: change }) => change),
    ]),
    answers: { 200: { description: 'Changed.', schema: stepBody, headers: etagHeader } },
    refuses: ['STEP_NOT_FOUND', 'MOVE_NOT_ALLOWED', 'REVISION_CONFLICT'],
    async handle({ tasker, access, params, headers, body }) {
      const { retry_limit: retryLimit, inputs, reason } = body
      const name = await stepNameOf(tasker, params.task_id, params.step)
      const { revision } = await tasker.tasks.updateStep(params.task_id, name, {
        reason,
        retryLimit,
        inputs: inputs as Json | undefined, // it was parsed from JSON
        ...expectedBy(headers),
        actor: access.actor,
      })
      const step = await readStep({ tasker, access }, params.task_id, name)
      return { body: { step }, headers: { etag: etagOf(revision) } }
    },
  })

/** @throws {TaskerError} TASK_NOT_FOUND */
async function readSteps(
  { tasker, access }: Reader,
  taskId: string,
  withPayloads: boolean,
): Promise<readonly ShownStep[]> {
  const mayShow =
    withPayloads && (await access.can('tasker.workflow_step:show_payload', { taskId }))
  const steps = await readRows(tasker, taskId, mayShow)
  return showSteps(taskId, steps, mayShow)
}

async function readRows(
  tasker: Tasker,
  taskId: string,
  mayShow: boolean,
): Promise<readonly StepRow[]> {
  const asked = { results: mayShow, errors: mayShow, inputs: mayShow }
  const [steps = []] = await tasker.tasks.stepsOf([taskId], asked)
  if (steps.length > 0) return steps // a task has a step
  throw noSuchTask(taskId, tasker)
}

/** @throws {TaskerError} TASK_NOT_FOUND, STEP_NOT_FOUND */
async function readStep(
  { tasker, access }: Reader,
  taskId: string,
  step: string,
): Promise<ShownStep> {
  const mayShow = await access.can('tasker.workflow_step:show_payload', { taskId, step })
  const shown = showSteps(taskId, await readRows(tasker, taskId, mayShow), mayShow)
  const found =
    shown.find(({ name }) => name === step) ??
    shown.find(({ workflow_step_id: id }) => String(id) === step)
  if (found !== undefined) return found
  const name = JSON.stringify(step)
  throw new TaskerError('STEP_NOT_FOUND', `Task ${taskId} has no step ${name}.`, { taskId, step })
}

export const stepResource: readonly Operation[] = [
  listSteps,
  showStep,
  changeStep('patch'),
  changeStep('put'),
]
