// `tasker definitions diff`: what differs between two versions of a definition, and whether that breaks
// anybody. Asks the database only for what the configuration file does not have.
import {
  count,
  diffDefinitions,
  gatherDefinitions,
  parseAddress,
  plainText,
  type DefinitionDiff,
  type DefinitionRegistry,
  type Difference,
  type TaskDefinition,
} from '@tasker/engine'
import { formatTable, type Column } from '../columns.ts'
import { UsageError, type ExitCode } from '../failure.ts'
import type { CommandContext } from '../program.ts'
import { loadSettings } from '../settings.ts'
import type { Terminal } from '../terminal.ts'
import { withTasker } from '../with-tasker.ts'

export interface DefinitionsDiffOptions {
  readonly exitCode?: boolean
}

export interface Sides {
  readonly from: string
  readonly to: string
}

export async function definitionsDiff(
  command: CommandContext,
  { from, to }: Sides,
  options: DefinitionsDiffOptions,
): Promise<ExitCode> {
  const { terminal } = command
  requireVersion(from)
  requireVersion(to)
  const show = (diff: DefinitionDiff): ExitCode => {
    terminal.document(diff)
    if (!terminal.isJson) terminal.print(formatDiff(diff, terminal))
    return options.exitCode === true && !diff.isCompatible ? 1 : 0
  }
  const { parts, resolved } = await loadSettings(command.options)
  const { definitions = [], handlers = null } = parts
  const { registry } = await gatherDefinitions(definitions, handlers, resolved.config)
  const [before, after] = [registered(registry, from), registered(registry, to)]
  if (before !== null && after !== null) return show(diffDefinitions(before, after))
  return withTasker(command, async (tasker) =>
    show(await tasker.reports.definitionDiff(from, to, registry)),
  )
}

function requireVersion(address: string): void {
  if (parseAddress(address).version !== undefined) return
  throw new UsageError(`Name a version: ${address}@1.0.0, say. A range will do, and @latest.`)
}

/** Of exactly this version; a range may also mean one that only the database has. */
function registered(registry: DefinitionRegistry, address: string): TaskDefinition | null {
  const { namespace = 'default', name, version } = parseAddress(address)
  const same = registry.list(namespace).filter((one) => one.name === name)
  return same.find((one) => one.version === version) ?? null
}

function formatDiff(diff: DefinitionDiff, { paint, width }: Terminal): string {
  const { differences } = diff
  if (differences.length === 0)
    return plainText(`${diff.from} and ${diff.to} differ in nothing but the version.`)
  const columns: readonly Column<Difference>[] = [
    {
      title: '',
      text: (row) => (row.isCompatible ? 'compatible' : 'incompatible'),
      paint: (text, row) => (row.isCompatible ? paint.green(text) : paint.red(text)),
    },
    { title: 'Where', text: (row) => row.step ?? '(task)' },
    { title: 'What', text: whatOf },
    { title: 'Why', text: (row) => row.why },
  ]
  const breaking = differences.filter(({ isCompatible }) => !isCompatible).length
  const verdict = diff.isCompatible
    ? paint.green('compatible')
    : paint.red(`incompatible in ${count(breaking, 'point')}`)
  return [
    `${plainText(`${diff.from} → ${diff.to}`)}: ${verdict}`,
    '',
    formatTable(differences, columns, { width, paintTitle: paint.dim }),
  ].join('\n')
}

const valueMax = 30

function whatOf({ kind, what, from, to }: Difference): string {
  switch (kind) {
    case 'step_added':
      return 'step added'
    case 'step_removed':
      return 'step removed'
    case 'edge_added':
      return `waits for ${what}`
    case 'edge_removed':
      return `no longer waits for ${what}`
    case 'setting_changed': {
      const values = from === null && to === null ? '' : `: ${brief(from)} → ${brief(to)}`
      return `${what}${values}`
    }
    default:
      return kind satisfies never
  }
}

function brief(value: Difference['from']): string {
  if (value === null) return 'none'
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return text.length > valueMax ? `${text.slice(0, valueMax)}…` : text
}
