// `tasker audit …`: shows who tried to change what through the server, and removes old entries.
import { type AuditEntry, type AuditOutcome } from '@tasker/engine'
import { formatTable, type Column } from '../columns.ts'
import { canAsk, confirm } from '../confirm.ts'
import { UsageError, type ExitCode } from '../failure.ts'
import { commandLine } from '../invocation.ts'
import type { CommandContext } from '../program.ts'
import { withTasker } from '../with-tasker.ts'
import { formatTime } from '../wording.ts'

export interface AuditListOptions {
  readonly actor?: string
  readonly operation?: string
  readonly task?: string
  readonly correlation?: string
  readonly outcome?: AuditOutcome
  readonly from?: Date
  readonly before?: Date
  readonly limit: number
  readonly after?: string
}

export async function auditList(
  command: CommandContext,
  options: AuditListOptions,
): Promise<ExitCode> {
  const { terminal } = command
  const { actor, operation, task, correlation, outcome, from, before, limit, after } = options
  return withTasker(command, async (tasker, settings) => {
    const page = await tasker.audit.list({
      actor,
      operation,
      taskId: task,
      correlationId: correlation,
      ...(outcome === undefined ? {} : { outcomes: [outcome] }),
      from,
      before,
      limit,
      after,
    })
    terminal.document(page)
    if (terminal.isJson) return 0
    terminal.print(page.entries.length === 0 ? 'No entries.' : tableOf(page.entries, command))
    if (page.nextCursor !== null) {
      const words = ['audit', 'list', ...wordsOf(options), '--after', page.nextCursor]
      const next = commandLine(words, { options: command.options, settings })
      terminal.log(terminal.paintLog.dim(`\nThere are more:  ${next}`))
    }
    return 0
  })
}

/** The same page again, as a command. */
function wordsOf(options: AuditListOptions): readonly string[] {
  const { actor, operation, task, correlation, outcome, from, before, limit } = options
  const given = { actor, operation, task, correlation, outcome, from, before, limit }
  return Object.entries(given).flatMap(([name, value]) => {
    if (value === undefined) return []
    return [`--${name}`, value instanceof Date ? value.toISOString() : String(value)]
  })
}

function tableOf(entries: readonly AuditEntry[], { terminal }: CommandContext): string {
  const { paint, width } = terminal
  const columns: readonly Column<AuditEntry>[] = [
    { title: 'At', text: ({ at }) => formatTime(at), paint: paint.dim },
    { title: 'Actor', text: ({ actor }) => actor },
    { title: 'Operation', text: ({ operation }) => operation },
    {
      title: 'Outcome',
      text: ({ outcome, code }) =>
        outcome === null ? 'under way' : [outcome, code ?? ''].join(' ').trim(),
      paint: (text, { outcome }) => (outcome === 'done' ? paint.green(text) : paint.red(text)),
    },
    { title: 'What', text: whatOf },
    { title: 'Reason', text: ({ reason }) => reason ?? '' },
  ]
  return formatTable(entries, columns, { width, paintTitle: paint.dim })
}

function whatOf({ taskId, addressed }: AuditEntry): string {
  const more = Object.keys(addressed).length === 0 ? '' : JSON.stringify(addressed)
  return [taskId ?? '', more].join(' ').trim()
}

export async function auditPrune(
  command: CommandContext,
  { olderThan, yes }: { readonly olderThan: number; readonly yes?: boolean },
): Promise<ExitCode> {
  const { terminal } = command
  if (yes !== true) {
    if (terminal.isJson || !canAsk())
      throw new UsageError('audit prune removes entries for good. Say --yes.')
    if (!(await confirm('Remove these entries of the audit log for good?'))) return 1
  }
  return withTasker(command, async (tasker) => {
    const removed = await tasker.audit.prune({ olderThanMs: olderThan })
    terminal.document({ removed })
    if (!terminal.isJson)
      terminal.print(
        `Removed ${removed === 1 ? '1 entry' : `${removed.toLocaleString('en')} entries`}.`,
      )
    return 0
  })
}
