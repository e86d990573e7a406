// A step of a task in the schema: where it stands, its place in the graph, and what it was given and returned.
import type { Json } from '@tasker/engine'
import type { Parts } from '../builder.ts'
import type { GraphqlContext } from '../context.ts'
import { needs } from '../guard.ts'
import type { StepOfTask } from '../shapes.ts'
import { requirePage } from './page.ts'

const ofTask = ({ taskId }: StepOfTask) => ({ taskId })
const ofStep = ({ taskId, row }: StepOfTask) => ({ taskId, step: row.name })
const toOthers = needs('tasker.workflow_step:index', ofTask)
const toPayload = needs('tasker.workflow_step:show_payload', ofStep)

export function defineStep(parts: Parts): void {
  parts.step.implement({
    description: 'One step of a task.',
    fields: (t) => {
      const others = (description: string, find: FindOthers) =>
        t.field({
          type: [parts.step],
          nullable: true,
          description: `${description} At most \`first\` of them, in the order of declaration.`,
          extensions: toOthers,
          args: {
            first: t.arg.int({ required: true, defaultValue: 20, description: '1 to 100.' }),
          },
          resolve: async (step, { first }, { loaders }) => {
            const max = requirePage(first)
            return find(step.row, await loaders.steps.load(step.taskId)).slice(0, max)
          },
        })
      const payload = (description: string, read: (step: StepOfTask['row']) => Json) =>
        t.field({
          type: 'JSON',
          nullable: true,
          description,
          extensions: toPayload,
          resolve: async (step, _, context) => read(await withPayloads(step, context)),
        })
      return {
        workflowStepId: t.id({
          description: 'Unique: the id of the task, and the number of the step.',
          resolve: ({ taskId, row }) => `${taskId}/${row.stepNo}`,
        }),
        taskId: t.exposeID('taskId'),
        stepNo: t.int({ resolve: ({ row }) => row.stepNo }),
        name: t.string({ resolve: ({ row }) => row.name }),
        handler: t.string({
          description: 'The declared step it comes from: its own name, unless it was generated.',
          resolve: ({ row }) => row.handler,
        }),
        status: t.field({ type: parts.stepStatus, resolve: ({ row }) => row.state }),
        isReady: t.boolean({ resolve: ({ row }) => row.isReady }),
        blockedBy: t.string({
          nullable: true,
          description: 'Why it may not run now; null when it may, or when it has ended.',
          resolve: ({ row }) => row.blockedBy,
        }),
        attempts: t.int({ resolve: ({ row }) => row.attempts }),
        retryLimit: t.int({ resolve: ({ row }) => row.retryLimit }),
        retryable: t.boolean({ resolve: ({ row }) => row.retryable }),
        skippable: t.boolean({ resolve: ({ row }) => row.skippable }),
        losses: t.int({
          description: 'How often it was lost with its worker.',
          resolve: ({ row }) => row.losses,
        }),
        waits: t.int({
          description: 'How often it asked to wait.',
          resolve: ({ row }) => row.waits,
        }),
        dependentSystem: t.string({ resolve: ({ row }) => row.dependentSystem }),
        startedAt: t.field({
          type: 'DateTime',
          nullable: true,
          description: 'When its last attempt started.',
          resolve: ({ row }) => row.startedAt,
        }),
        endedAt: t.field({ type: 'DateTime', nullable: true, resolve: ({ row }) => row.endedAt }),
        lastFailureAt: t.field({
          type: 'DateTime',
          nullable: true,
          resolve: ({ row }) => row.lastFailureAt,
        }),
        nextRetryAt: t.field({
          type: 'DateTime',
          nullable: true,
          resolve: ({ row }) => row.nextRetryAt,
        }),
        isRootStep: t.boolean({ resolve: ({ row }) => row.parents.length === 0 }),
        isLeafStep: t.boolean({ resolve: ({ row }) => row.children.length === 0 }),
        parentCount: t.int({ resolve: ({ row }) => row.parents.length }),
        childCount: t.int({ resolve: ({ row }) => row.children.length }),
        parents: others('The steps that it waits for.', ({ parents }, steps) =>
          named(parents, steps),
        ),
        children: others('The steps that wait for it.', ({ children }, steps) =>
          named(children, steps),
        ),
        siblings: others(
          'Steps that wait for exactly the same; none of a root step.',
          (step, steps) => siblingsOf(step, steps),
        ),
        inputs: payload(
          'Settings beside the context, of a generated step.',
          ({ inputs }) => inputs,
        ),
        results: payload('What it returned.', ({ result }) => result),
        error: payload(
          'Of the last failed attempt; null once it is satisfied.',
          ({ error }) => error,
        ),
        task: t.field({
          type: parts.task,
          nullable: true,
          extensions: needs('tasker.task:show', ofTask),
          resolve: ({ taskId }, _, { loaders }) => loaders.tasks.load(taskId),
        }),
      }
    },
  })
}

type Row = StepOfTask['row']
type FindOthers = (step: Row, steps: readonly StepOfTask[]) => readonly StepOfTask[]

function named(links: Row['parents'], steps: readonly StepOfTask[]): readonly StepOfTask[] {
  const wanted = new Set(links.map(({ stepNo }) => stepNo))
  return steps.filter(({ row }) => wanted.has(row.stepNo))
}

function siblingsOf(step: Row, steps: readonly StepOfTask[]): readonly StepOfTask[] {
  const key = parentsKey(step)
  if (key === '') return []
  return steps.filter(({ row }) => row.stepNo !== step.stepNo && parentsKey(row) === key)
}

const parentsKey = ({ parents }: Row): string =>
  parents
    .map(({ stepNo }) => stepNo)
    .toSorted((a, b) => a - b)
    .join(' ')

/** Read once for all payload fields of all steps of the request. */
async function withPayloads(
  { taskId, row }: StepOfTask,
  { loaders }: GraphqlContext,
): Promise<Row> {
  const steps = await loaders.stepsWithPayloads.load(taskId)
  return steps.find((step) => step.row.stepNo === row.stepNo)?.row ?? row
}
