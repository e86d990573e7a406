// `tasker config`: every option as it is in effect, and where its value came from. Secrets are hidden
// by the engine before they get here.
import { describeConfig, type ConfigRow } from '@tasker/engine'
import { cut, formatTable, type Column } from '../columns.ts'
import type { ExitCode } from '../failure.ts'
import type { CommandContext } from '../program.ts'
import { loadSettings } from '../settings.ts'

export interface ConfigOptions {
  readonly changed?: boolean
}

export async function config(
  { terminal, options }: CommandContext,
  { changed }: ConfigOptions,
): Promise<ExitCode> {
  const { resolved, configPath } = await loadSettings(options)
  const all = describeConfig(resolved).map((row) => ({ ...row, from: originOf(row) }))
  const rows = changed === true ? all.filter((row) => row.source !== 'default') : all
  terminal.document({
    file: configPath,
    options: rows.map(({ key, value, from, unit, takesEffectWith }) => {
      return { key, value, source: from, unit, takesEffectWith }
    }),
  })
  if (terminal.isJson) return 0
  const { paint, width } = terminal
  const columns: readonly Column<ConfigRow & { readonly from: string }>[] = [
    { title: 'Option', text: (row) => row.key },
    {
      title: 'From',
      text: (row) => row.from,
      paint: (text, row) => (row.source === 'default' ? paint.dim(text) : paint.cyan(text)),
    },
    { title: 'Value', text: (row) => cut(valueOf(row), terminal.isLive ? valueWidthMax : width) },
    { title: 'Takes effect with', text: (row) => row.takesEffectWith ?? '', paint: paint.dim },
  ]
  terminal.print(formatTable(rows, columns, { width, paintTitle: paint.dim }))
  return 0
}

/** What the engine calls code is, here, the command line. */
function originOf(row: ConfigRow): string {
  return row.source === 'code' ? 'command line' : row.source
}

const valueWidthMax = 50

function valueOf({ value, unit }: ConfigRow): string {
  return unit === null ? value : `${value} ${unit}`
}
