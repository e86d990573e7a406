// `tasker graph`: a definition or a task as a picture, or as text that others make pictures of. Asks the database only for
// what the configuration file does not have.
import { writeFile } from 'node:fs/promises'
import { extname } from 'node:path'
import {
  count,
  definitionGraph,
  gatherDefinitions,
  mermaidLimits,
  parseAddress,
  renderGraph,
  TaskerError,
  type DefinitionRegistry,
  type DurationSource,
  type GraphFormat,
  type StepGraph,
  type TaskDefinition,
} from '@tasker/engine'
import { codeOf, UsageError, type ExitCode } from '../failure.ts'
import type { CommandContext } from '../program.ts'
import { loadSettings } from '../settings.ts'
import type { Terminal } from '../terminal.ts'
import { withTasker } from '../with-tasker.ts'

export interface GraphOptions {
  readonly task?: string
  readonly format?: GraphFormat
  readonly output?: string
  readonly durations?: DurationSource
}

export async function graph(
  command: CommandContext,
  address: string | undefined,
  options: GraphOptions,
): Promise<ExitCode> {
  const { task, durations } = options
  const show = async (found: StepGraph): Promise<ExitCode> => {
    await write(found, options, command.terminal)
    return 0
  }
  if (address === undefined) {
    if (task === undefined) throw new UsageError('Name a definition, or a task with --task <id>.')
    return withTasker(command, async (tasker) =>
      show(await tasker.reports.graph(task, durations === undefined ? {} : { durations })),
    )
  }
  if (task !== undefined) throw new UsageError('Name a definition or a task, not both.')
  const { parts, resolved } = await loadSettings(command.options)
  const { definitions: given = [], handlers = null } = parts
  const { registry: definitions } = await gatherDefinitions(given, handlers, resolved.config)
  const known = durations === 'measured' ? null : registered(definitions, address)
  if (known !== null) {
    return show(
      definitionGraph(known, { durations: durations === 'recorded' ? durations : 'none' }),
    )
  }
  return withTasker(command, async (tasker) =>
    show(
      await tasker.reports.definitionGraph(address, {
        definitions,
        ...(durations === undefined ? {} : { durations }),
      }),
    ),
  )
}

/** Null: it may be one that only the database has. */
function registered(definitions: DefinitionRegistry, address: string): TaskDefinition | null {
  try {
    return definitions.resolve(parseAddress(address))
  } catch (error) {
    if (error instanceof TaskerError && error.code === 'DEFINITION_NOT_FOUND') return null
    throw error
  }
}

async function write(
  found: StepGraph,
  { format: asked, output, durations }: GraphOptions,
  terminal: Terminal,
): Promise<void> {
  const format = asked ?? formatOf(output)
  const text = renderGraph(found, format)
  sayWhatIsAmiss(found, { format, text, durations }, terminal)
  if (output === undefined) {
    terminal.document(found)
    if (!terminal.isJson) terminal.print(text.trimEnd())
    return
  }
  try {
    await writeFile(output, text)
  } catch (error) {
    const reason = codeOf(error) ?? 'unknown reason'
    throw new UsageError(`The file ${output} of --output cannot be written (${reason}).`)
  }
  const [steps, edges] = [found.nodes.length, found.edges.length]
  terminal.document({ file: output, format, steps, edges })
  terminal.print(`${output}: ${count(steps, 'step')}, ${count(edges, 'edge')}, as ${format}`)
}

const formatsByEnding: Readonly<Record<string, GraphFormat>> = {
  '.mmd': 'mermaid',
  '.mermaid': 'mermaid',
  '.dot': 'dot',
  '.gv': 'dot',
  '.svg': 'svg',
  '.json': 'json',
}

const formatOf = (output: string | undefined): GraphFormat =>
  formatsByEnding[extname(output ?? '').toLowerCase()] ?? 'mermaid'

interface Written {
  readonly format: GraphFormat
  readonly text: string
  readonly durations: DurationSource | undefined
}

function sayWhatIsAmiss(
  { criticalPath, edges }: StepGraph,
  { format, text, durations }: Written,
  terminal: Terminal,
): void {
  if (criticalPath === null && durations !== undefined && durations !== 'none') {
    terminal.log(`No step has a ${durations} duration, so there is no critical path.`)
  }
  const isLarge = edges.length > mermaidLimits.edges || text.length > mermaidLimits.characters
  if (format === 'mermaid' && isLarge && !terminal.isJson) {
    terminal.log(
      `Most pages will not draw this: Mermaid's limits are ${mermaidLimits.edges} edges and ${mermaidLimits.characters} characters. --format svg has none.`,
    )
  }
}
