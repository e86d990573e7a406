// `tasker prune`: removes ended tasks for good, by age and state; asks first where somebody can answer.
import {
  count,
  formatAddress,
  isEnded,
  systemClock,
  taskStates,
  type PruneOrder,
  type PruneReport,
  type Tasker,
} from '@tasker/engine'
import { formatTable, type Column } from '../columns.ts'
import { canAsk, confirm } from '../confirm.ts'
import { UsageError, type ExitCode } from '../failure.ts'
import type { CommandContext } from '../program.ts'
import { listenForStop } from '../stop-signals.ts'
import { readStates } from '../task-states.ts'
import type { Terminal } from '../terminal.ts'
import { withTasker } from '../with-tasker.ts'
import { formatBytes, formatTime } from '../wording.ts'

export interface PruneOptions {
  /** Milliseconds. */
  readonly olderThan: number
  readonly state?: string
  readonly includeErrors?: boolean
  readonly namespace?: string
  readonly batch: number
  readonly limit?: number
  readonly dryRun?: boolean
  readonly yes?: boolean
}

export async function prune(command: CommandContext, options: PruneOptions): Promise<ExitCode> {
  const { terminal } = command
  const order = orderOf(options)
  const mustAsk = options.dryRun !== true && options.yes !== true
  if (mustAsk && (terminal.isJson || !canAsk())) {
    throw new UsageError(
      'prune removes tasks for good. Say --yes, or --dry-run to see what would go.',
    )
  }
  return withTasker(command, async (tasker) => {
    const signals = listenForStop(() => terminal.log('Stopping after this batch.'))
    try {
      const given = { ...order, signal: signals.requested }
      if (mustAsk) {
        const isWanted = await ask(await tasker.prune({ ...given, dryRun: true }), terminal)
        if (!isWanted) return 1
      }
      const report = await run(tasker, given, terminal)
      terminal.document(report)
      if (!terminal.isJson) {
        if (!mustAsk) printGroups(report, terminal) // when asked, they have just been shown
        printSummary(report, terminal)
      }
      return report.isComplete || options.limit !== undefined ? 0 : 1
    } finally {
      signals.dispose()
    }
  })
}

function orderOf(options: PruneOptions): PruneOrder {
  const { olderThan, namespace, batch, limit, dryRun } = options
  return {
    olderThanMs: olderThan,
    ...statesOf(options),
    batchSize: batch,
    dryRun: dryRun === true,
    ...(namespace === undefined ? {} : { namespace }),
    ...(limit === undefined ? {} : { limit }),
  }
}

/** Left to the engine where nothing is said of them. */
function statesOf({ state, includeErrors }: PruneOptions): Pick<PruneOrder, 'states'> {
  const named = state === undefined ? null : readStates(state)
  if (includeErrors === true) return { states: [...(named ?? taskStates.filter(isEnded)), 'error'] }
  return named === null ? {} : { states: named }
}

async function ask(trial: PruneReport, terminal: Terminal): Promise<boolean> {
  printGroups(trial, terminal)
  printSummary(trial, terminal)
  if (trial.taskCount === 0 && trial.keyCount === 0 && trial.workerCount === 0) return true
  const isWanted = await confirm(`Remove ${count(trial.taskCount, 'task')} for good?`)
  if (!isWanted) terminal.log('Nothing was removed.')
  return isWanted
}

/** Told no more often than this. */
const progressEveryMs = 2_000

async function run(tasker: Tasker, order: PruneOrder, terminal: Terminal): Promise<PruneReport> {
  let toldAtMs = systemClock.monotonicMs()
  return tasker.prune({
    ...order,
    onProgress({ taskCount }) {
      const nowMs = systemClock.monotonicMs()
      if (nowMs - toldAtMs < progressEveryMs) return
      toldAtMs = nowMs
      terminal.log(terminal.paintLog.dim(`${count(taskCount, 'task')} so far`))
    },
  })
}

type Group = PruneReport['groups'][number]

function printGroups({ groups }: PruneReport, terminal: Terminal): void {
  if (groups.length === 0) return
  const { paint, width } = terminal
  const columns: readonly Column<Group>[] = [
    { title: 'Definition', text: formatAddress },
    { title: 'State', text: ({ state }) => state },
    { title: 'Tasks', text: (group) => group.count.toLocaleString('en'), align: 'right' },
  ]
  terminal.print(`${formatTable(groups, columns, { width, paintTitle: paint.dim })}\n`)
}

function printSummary(report: PruneReport, terminal: Terminal): void {
  const { isDryRun, taskCount, busyCount, bytes, keyCount, workerCount } = report
  const leftovers = [
    ...(keyCount === 0 ? [] : [count(keyCount, 'expired idempotency key')]),
    ...(workerCount === 0 ? [] : [`${count(workerCount, 'row')} of workers that are gone`]),
  ]
  terminal.print(
    `${isDryRun ? 'Would remove' : 'Removed'} ${count(taskCount, 'task')} that ended before ${formatTime(report.endedBefore)} (${formatBytes(bytes)} of rows)${leftovers.length === 0 ? '' : `, and ${leftovers.join(' and ')}`}.`,
  )
  if (busyCount > 0) terminal.print(`${count(busyCount, 'task')} in use, left for the next run.`)
  if (!report.isComplete) terminal.print('There may be more: it stopped before the end.')
}
