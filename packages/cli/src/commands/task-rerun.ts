// `tasker task rerun`: does part of an ended task again, as a new task. What will run is shown before it is created.
import {
  TaskerError,
  type Json,
  type Rerun,
  type RerunOptions,
  type RerunStep,
  type Tasker,
} from '@tasker/engine'
import { signatureOf, type SignatureOptions } from '../action-options.ts'
import { withAllowedMoves } from '../allowed-moves.ts'
import { formatTable, type Column } from '../columns.ts'
import { readContext } from '../context-argument.ts'
import { FailureWithAdvice, type ExitCode } from '../failure.ts'
import { followToEnd } from '../follow-to-end.ts'
import { commandLine } from '../invocation.ts'
import { readJson } from '../json-argument.ts'
import type { CommandContext } from '../program.ts'
import type { Terminal } from '../terminal.ts'
import { readable } from '../why-report.ts'
import { withTasker } from '../with-tasker.ts'
import { paintState } from '../wording.ts'

export interface TaskRerunOptions extends SignatureOptions {
  readonly from?: readonly string[]
  /** JSON, @file or name.json; both. */
  readonly context?: string
  readonly inputs?: string
  readonly dryRun?: boolean
  readonly follow?: boolean
}

export async function taskRerun(
  command: CommandContext,
  taskId: string,
  options: TaskRerunOptions,
): Promise<ExitCode> {
  const { terminal } = command
  const order = await orderOf(options)
  const use: Parameters<typeof withTasker>[1] = async (tasker, settings) => {
    const needs = { options: command.options, settings }
    const plan = await rerun(tasker, taskId, { ...order, dryRun: true }).catch((error: unknown) => {
      throw withDefinitionHint(withAllowedMoves(error, taskId, needs))
    })
    terminal.print(formatPlan(plan, terminal))
    if (options.dryRun === true) {
      terminal.document(plan)
      return 0
    }
    const created = await rerun(tasker, taskId, order)
    const newId = created.taskId ?? '' // null on a dry run only
    terminal.print(`\nTask ${newId} was created.`)
    const { steps, summary } = await tasker.tasks.why(newId)
    if (steps.some(({ reason }) => reason === 'no_worker')) terminal.log(readable(summary))
    if (options.follow === true) return followToEnd(tasker, newId, terminal)
    terminal.document(created)
    terminal.print(`Look:  ${commandLine(['task', 'show', newId], needs)}`)
    terminal.print(`Undo:  ${commandLine(['task', 'cancel', newId], needs)}`)
    return 0
  }
  // A new context is checked by the definition, which must be known then.
  return withTasker(command, use, { definitions: options.context !== undefined })
}

/** Asked for only where a new context was given. */
function withDefinitionHint(error: unknown): unknown {
  if (!(error instanceof TaskerError) || error.code !== 'DEFINITION_NOT_FOUND') return error
  return new FailureWithAdvice(error, [
    'A new context is checked by the definition of the task, in its version: say with --config which file lists it.',
  ])
}

const rerun = (tasker: Tasker, taskId: string, order: RerunOptions): Promise<Rerun> =>
  tasker.tasks.rerun(taskId, order)

async function orderOf(options: TaskRerunOptions): Promise<RerunOptions> {
  const { from, context, inputs } = options
  return {
    ...signatureOf(options),
    ...(from === undefined ? {} : { from }),
    ...(context === undefined ? {} : { context: await readContext(context) }),
    ...(inputs === undefined ? {} : { inputs: asInputs(await readJson(inputs, '--inputs')) }),
  }
}

/** That it is an object by step is the engine's to say. */
function asInputs(value: Json): Readonly<Record<string, Json>> {
  return value as Readonly<Record<string, Json>> // parsed JSON, checked by the engine
}

function formatPlan({ steps }: Rerun, { paint, width }: Terminal): string {
  const columns: readonly Column<RerunStep>[] = [
    { title: 'Step', text: ({ step }) => step },
    {
      title: 'Was',
      text: ({ was }) => was,
      paint: (text, { was }) => paintState(text, was, paint),
    },
    {
      title: 'In the rerun',
      text: ({ runs }) => (runs ? 'runs' : 'is taken over with its result'),
      paint: (text, { runs }) => (runs ? paint.cyan(text) : paint.dim(text)),
    },
  ]
  return formatTable(steps, columns, { width, paintTitle: paint.dim })
}
