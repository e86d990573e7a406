// `tasker task cancel|retry|…`: one action of an operator on one task. What each may do is the engine's to say.
import type { Operation, OperatorAction, Tasker } from '@tasker/engine'
import type { ActionCommand } from '../action-commands.ts'
import { readActionOptions, type ActionOptions, type GivenAction } from '../action-options.ts'
import { withAllowedMoves } from '../allowed-moves.ts'
import type { ExitCode } from '../failure.ts'
import type { CommandNeeds } from '../invocation.ts'
import { formatOperation } from '../operation-report.ts'
import type { CommandContext } from '../program.ts'
import type { Terminal } from '../terminal.ts'
import { undoOfTask } from '../undo-note.ts'
import { readable } from '../why-report.ts'
import { withTasker } from '../with-tasker.ts'

interface Target {
  readonly entry: ActionCommand
  readonly taskId: string
}

export async function operateTask(
  command: CommandContext,
  { entry, taskId }: Target,
  options: ActionOptions,
): Promise<ExitCode> {
  const { terminal } = command
  const given = await readActionOptions(options)
  return withTasker(command, async (tasker, settings) => {
    const needs = { options: command.options, settings }
    const operation = await calls[entry.action](tasker.tasks, taskId, given).catch(
      (error: unknown) => {
        throw withAllowedMoves(error, taskId, needs)
      },
    )
    terminal.document(operation)
    if (!terminal.isJson) await print(operation, tasker, { terminal, needs })
    return 0
  })
}

type Call = (tasks: Tasker['tasks'], taskId: string, given: GivenAction) => Promise<Operation>

const calls: Readonly<Record<OperatorAction, Call>> = {
  cancel: (tasks, taskId, given) => tasks.cancel(taskId, given),
  retry: (tasks, taskId, given) => tasks.retry(taskId, given),
  retry_now: (tasks, taskId, given) => tasks.retryNow(taskId, given),
  wake: (tasks, taskId, given) => tasks.wake(taskId, given),
  resolve: (tasks, taskId, given) => tasks.resolve(taskId, given),
  skip: (tasks, taskId, given) => tasks.skip(taskId, given),
  // The command line requires both options; without them the engine would refuse these.
  set_retry_limit: (tasks, taskId, given) =>
    tasks.setRetryLimit(taskId, { ...given, step: given.step ?? [], limit: given.limit ?? 0 }),
  hold: (tasks, taskId, given) => tasks.hold(taskId, given),
  resume: (tasks, taskId, given) => tasks.resume(taskId, given),
}

async function print(
  operation: Operation,
  tasker: Tasker,
  { terminal, needs }: { readonly terminal: Terminal; readonly needs: CommandNeeds },
): Promise<void> {
  const { taskId, isChanged, undo } = operation
  terminal.print(formatOperation(operation, terminal))
  if (!isChanged) return
  const { end, state, summary } = await tasker.tasks.why(taskId)
  if (end === null || state !== operation.state) terminal.print(`Now:   ${readable(summary)}`)
  terminal.print(`Undo:  ${undoOfTask(undo, taskId, needs)}`)
}
