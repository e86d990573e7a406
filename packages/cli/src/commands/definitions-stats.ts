// `tasker definitions stats`: the definitions of the configuration file beside those of the database,
// with what is in flight of each version. Stores nothing.
import {
  formatAddress,
  gatherDefinitions,
  plainText,
  type RegistryHealth,
  type VersionHealth,
} from '@tasker/engine'
import { formatTable, type Column } from '../columns.ts'
import type { ExitCode } from '../failure.ts'
import type { CommandContext } from '../program.ts'
import type { Terminal } from '../terminal.ts'
import { withTasker } from '../with-tasker.ts'

export async function definitionsStats(command: CommandContext): Promise<ExitCode> {
  const { terminal } = command
  return withTasker(command, async (tasker, { parts, resolved }) => {
    const { definitions = [], handlers = null } = parts
    const { registry } = await gatherDefinitions(definitions, handlers, resolved.config)
    const health = await tasker.reports.registry(registry)
    terminal.document(health)
    if (terminal.isJson) return 0
    terminal.print(
      health.versions.length === 0
        ? 'No definitions, neither in a configuration file nor in the database.'
        : [tableOf(health.versions, terminal), ...noticesOf(health)].join('\n'),
    )
    return 0
  })
}

function tableOf(versions: readonly VersionHealth[], { paint, width }: Terminal): string {
  const count = (title: string, of: (row: VersionHealth) => number): Column<VersionHealth> => ({
    title,
    text: (row) => String(of(row)),
    align: 'right',
    paint: (text) => (text === '0' ? paint.dim(text) : text),
  })
  const columns: readonly Column<VersionHealth>[] = [
    { title: 'Definition', text: formatAddress },
    { title: 'Newest', text: (row) => (row.isNewest ? 'yes' : '') },
    { title: 'Here', text: (row) => (row.isRegistered ? 'yes' : 'no') },
    { title: 'Stored', text: storedOf },
    count('Open', (row) => row.openTasks),
    count('Held', (row) => row.heldTasks),
    count('Due', (row) => row.dueSteps),
    count('Later', (row) => row.laterSteps),
    {
      title: 'Workers',
      text: (row) => String(row.liveWorkers),
      align: 'right',
      paint: (text, row) => (row.isUnserved ? paint.red(text) : text),
    },
  ]
  return formatTable(versions, columns, { width, paintTitle: paint.dim })
}

function storedOf({ isStored, isChanged, isHeld }: VersionHealth): string {
  if (isChanged) return 'changed'
  if (!isStored) return 'no'
  return isHeld ? 'held' : 'yes'
}

function noticesOf({ unserved, changed }: RegistryHealth): readonly string[] {
  return [
    ...unserved.map(
      (address) => `\n${plainText(address)} has open tasks and no live worker serves it.`,
    ),
    ...changed.map((address) => `\n${plainText(address)} is stored with another content.`),
  ]
}
