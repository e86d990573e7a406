// `tasker tasks cancel|retry|…`: one action of an operator on every task that matches, in batches; asks first where somebody
// can answer.
import type { BulkOrder, BulkReport, Tasker } from '@tasker/engine'
import type { ActionCommand } from '../action-commands.ts'
import { readActionOptions, type ActionOptions } from '../action-options.ts'
import { openProgressLine } from '../bulk-progress.ts'
import { formatBulk, subjectOf } from '../bulk-report.ts'
import { canAsk, confirm } from '../confirm.ts'
import { UsageError, type ExitCode } from '../failure.ts'
import type { CommandContext } from '../program.ts'
import { listenForStop } from '../stop-signals.ts'
import { readFilter, type FilterOptions } from '../task-filter.ts'
import type { Terminal } from '../terminal.ts'
import { undoOfTasks } from '../undo-note.ts'
import { withTasker } from '../with-tasker.ts'

export interface BulkOptions extends ActionOptions, FilterOptions {
  readonly batch: number
  readonly dryRun?: boolean
  readonly yes?: boolean
}

export async function operateTasks(
  command: CommandContext,
  entry: ActionCommand,
  options: BulkOptions,
): Promise<ExitCode> {
  const { terminal } = command
  const isDry = options.dryRun === true
  const mustAsk = !isDry && options.yes !== true
  const order = await orderOf(entry, options)
  if (mustAsk && (terminal.isJson || !canAsk())) {
    throw new UsageError(
      'Nobody can be asked here: say --yes to do it, or --dry-run to see what it would do.',
    )
  }
  return withTasker(command, async (tasker, settings) => {
    const steps = options.step ?? null
    if (mustAsk) {
      const trial = await run(tasker, { ...order, dryRun: true }, terminal)
      terminal.print(formatBulk(trial, steps, terminal))
      if (trial.isStopped) return 1
      if (trial.changed === 0) return exitCodeOf(trial)
      const isWanted = await confirm(`${entry.imperative} ${subjectOf(trial.changed, steps)}?`)
      if (!isWanted) {
        terminal.log('Nothing was changed.')
        return 1
      }
    }
    const report = await run(tasker, { ...order, dryRun: isDry }, terminal)
    terminal.document(report)
    if (!terminal.isJson) {
      terminal.print(formatBulk(report, steps, terminal))
      if (isDry) terminal.print('A dry run: nothing was changed.')
      else if (report.changed > 0) {
        const undo = undoOfTasks(report.undo, { options: command.options, settings })
        terminal.print(`Undo:  ${undo}`)
      }
    }
    return exitCodeOf(report)
  })
}

async function orderOf(entry: ActionCommand, options: BulkOptions): Promise<BulkOrder> {
  const filter = readFilter(options)
  if (Object.keys(filter).length === 0) {
    throw new UsageError(
      'Say which tasks: give at least one of --state, --namespace, --name, --newer-than and so on.',
    )
  }
  const given = await readActionOptions(options)
  return { action: entry.action, filter, batchSize: options.batch, ...given }
}

/** One run from the first batch to the last, or to the first signal. */
async function run(tasker: Tasker, order: BulkOrder, terminal: Terminal): Promise<BulkReport> {
  const signals = listenForStop(() => terminal.log('Stopping after this batch.'))
  const line = await openProgressLine(terminal)
  try {
    return await tasker.tasks.operate({
      ...order,
      signal: signals.requested,
      onProgress: (progress) => line.show(progress),
    })
  } finally {
    line.end()
    signals.dispose()
  }
}

const exitCodeOf = ({ refused, isStopped }: BulkReport): ExitCode =>
  refused > 0 || isStopped ? 1 : 0
