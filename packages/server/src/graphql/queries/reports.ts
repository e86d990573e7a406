// Queries that explain one task: why it does not go on, what happened to it, its graph and its analysis. Each reads one task,
// so they stand at the root, where a list cannot multiply them.
import {
  graphFormats,
  renderGraph,
  type StepReason,
  type Timeline,
  type TimelineEntry,
  type WhyReport,
} from '@tasker/engine'
import type { Parts } from '../builder.ts'
import { costs } from '../cost.ts'
import { needs, part } from '../guard.ts'
import { connectionOf, pageOfAll } from '../objects/page.ts'

const ofTask = (_: unknown, { taskId }: { readonly taskId: string }) => ({ taskId })
const ofReport = ({ taskId }: { readonly taskId: string }) => ({ taskId })
const toSteps = needs('tasker.workflow_step:show_payload', ofReport)
const heavy = costs({ own: 500 })

export function defineReportQueries(parts: Parts): void {
  const why = defineWhy(parts)
  const timeline = defineTimeline(parts)
  const format = parts.builder.enumType('GraphFormat', {
    values: Object.fromEntries(graphFormats.map((value) => [value.toUpperCase(), { value }])),
  })
  parts.builder.queryFields((t) => {
    const args = { taskId: t.arg.id({ required: true }) }
    return {
      taskWhy: t.field({
        type: why,
        nullable: true,
        description: 'Why a task does not go on: for each step that is not done its reason.',
        extensions: { ...needs('tasker.task:show', ofTask), ...heavy },
        args,
        resolve: async (_, { taskId }, { tasker, access }) => {
          const errors = await access.can('tasker.workflow_step:show_payload', { taskId })
          return tasker.tasks.why(taskId, { errors })
        },
      }),
      taskTimeline: t.field({
        type: timeline,
        nullable: true,
        description: 'The history of a task: who did what, when, why, and how long it took.',
        extensions: { ...needs('tasker.task:show', ofTask), ...heavy },
        args,
        resolve: (_, { taskId }, { tasker }) => tasker.tasks.timeline(taskId),
      }),
      taskGraph: t.string({
        nullable: true,
        description: 'The steps of a task as a graph.',
        extensions: { ...needs('tasker.task_diagram:index', ofTask), ...heavy },
        args: { ...args, format: t.arg({ type: format, required: true, defaultValue: 'mermaid' }) },
        resolve: async (_, { taskId, format: asked }, { tasker }) =>
          renderGraph(await tasker.reports.graph(taskId), asked),
      }),
      taskAnalysis: t.field({
        type: 'JSON',
        nullable: true,
        description:
          'Paths, what can run at once, error chains and bottlenecks, as REST shows them in `dependency_analysis`.',
        extensions: { ...needs('tasker.task:show', ofTask), ...heavy },
        args,
        resolve: (_, { taskId }, { tasker }) => tasker.reports.analysis(taskId),
      }),
    }
  })
}

function defineWhy(parts: Parts) {
  const { builder } = parts
  const remedy = builder.objectRef<WhyReport['remedies'][number]>('Remedy').implement({
    description: 'A command that would change it.',
    fields: (t) => ({ command: t.exposeString('command'), effect: t.exposeString('effect') }),
  })
  const reason = builder.objectRef<StepReason & { readonly taskId: string }>('StepReason')
  reason.implement({
    description: 'Why a step that is not done does not go on.',
    fields: (t) => ({
      step: t.exposeString('step'),
      status: t.expose('state', { type: parts.stepStatus }),
      reason: t.string({
        description: '`retry`, `parent`, `no_worker` and so on: the closed list of the reference.',
        resolve: (one) => one.reason,
      }),
      explanation: t.exposeString('explanation', {
        description: 'In words; what handlers threw only for who may see payloads.',
      }),
      since: t.expose('since', { type: 'DateTime', nullable: true }),
      next: t.exposeString('next', { description: 'What will happen by itself.' }),
      nextAt: t.expose('nextAt', { type: 'DateTime', nullable: true }),
      remedies: t.field({
        type: [remedy],
        extensions: part,
        resolve: ({ remedies }) => [...remedies],
      }),
    }),
  })
  const page = connectionOf(parts, 'StepReason', reason, 'Steps that are not done.')
  return builder.objectRef<WhyReport>('WhyReport').implement({
    description: 'Why a task does not go on, now.',
    fields: (t) => ({
      taskId: t.exposeID('taskId'),
      status: t.expose('state', { type: parts.taskStatus }),
      summary: t.exposeString('summary', { description: 'One sentence about the whole task.' }),
      rootCause: t.exposeString('rootCause', {
        nullable: true,
        description: 'The worst of the steps that wait for no other.',
      }),
      totalSteps: t.exposeInt('totalSteps'),
      doneSteps: t.exposeInt('doneSteps'),
      deadlineAt: t.expose('deadlineAt', { type: 'DateTime', nullable: true }),
      at: t.expose('at', { type: 'DateTime', description: 'The instant of this answer.' }),
      remedies: t.field({
        type: [remedy],
        extensions: part,
        resolve: ({ remedies }) => [...remedies],
      }),
      steps: t.field({
        type: page,
        nullable: true,
        extensions: needs('tasker.workflow_step:index', ofReport),
        args: {
          first: t.arg.int({ required: true, defaultValue: 20, description: '1 to 100.' }),
          after: t.arg.string(),
        },
        resolve: ({ taskId, steps }, asked) =>
          pageOfAll(
            steps.map((one) => ({ ...one, taskId })),
            asked,
          ),
      }),
    }),
  })
}

function defineTimeline(parts: Parts) {
  const { builder } = parts
  const entry = builder.objectRef<TimelineEntry & { readonly taskId: string }>('TimelineEntry')
  entry.implement({
    description: 'One entry of the history of a task.',
    fields: (t) => ({
      seq: t.exposeInt('seq', { description: 'Orders the history of the task.' }),
      at: t.expose('at', { type: 'DateTime' }),
      step: t.exposeString('step', { nullable: true, description: 'Null: about the task.' }),
      kind: t.exposeString('kind'),
      from: t.exposeString('from', { nullable: true }),
      to: t.exposeString('to'),
      actor: t.string({ resolve: ({ who }) => who.name }),
      actorKind: t.string({ resolve: ({ who }) => who.kind }),
      host: t.string({ nullable: true, resolve: ({ who }) => who.host }),
      reason: t.string({ nullable: true, resolve: ({ why }) => why }),
      attempt: t.exposeInt('attempt', { nullable: true }),
      claimNo: t.exposeInt('claimNo', { nullable: true }),
      dueAt: t.expose('dueAt', { type: 'DateTime', nullable: true }),
      tookMs: t.field({
        type: 'JSON',
        description: 'Milliseconds since the entry before of the same step, by what it did.',
        resolve: ({ took }) => took,
      }),
      error: t.field({
        type: 'JSON',
        nullable: true,
        extensions: toSteps,
        resolve: ({ error }) => error,
      }),
      metadata: t.field({
        type: 'JSON',
        nullable: true,
        description: 'As stored.',
        extensions: toSteps,
        resolve: async ({ taskId, step, metadata }, _, { access }) => {
          if (step === null) await access.require('tasker.task:show_payload', { taskId })
          return metadata
        },
      }),
    }),
  })
  const page = connectionOf(parts, 'TimelineEntry', entry, 'Entries of a history, in order.')
  return builder.objectRef<Timeline>('Timeline').implement({
    description: 'The history of a task.',
    fields: (t) => ({
      taskId: t.exposeID('taskId'),
      status: t.expose('state', { type: parts.taskStatus }),
      createdAt: t.expose('createdAt', { type: 'DateTime' }),
      endedAt: t.expose('endedAt', { type: 'DateTime', nullable: true }),
      at: t.expose('at', { type: 'DateTime', description: 'The instant of this answer.' }),
      entries: t.field({
        type: page,
        nullable: true,
        extensions: needs('tasker.workflow_step:index', ofReport),
        args: {
          first: t.arg.int({ required: true, defaultValue: 20, description: '1 to 100.' }),
          after: t.arg.string(),
        },
        resolve: ({ taskId, entries }, asked) =>
          pageOfAll(
            entries.map((one) => ({ ...one, taskId })),
            asked,
          ),
      }),
    }),
  })
}
