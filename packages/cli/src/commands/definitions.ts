// `tasker definitions`: what the configuration file registers, checked as the engine checks it. Needs
// no database.
import { gatherDefinitions, type TaskDefinition } from '@tasker/engine'
import { formatTable, type Column } from '../columns.ts'
import type { ExitCode } from '../failure.ts'
import type { CommandContext } from '../program.ts'
import { loadSettings } from '../settings.ts'

export async function definitions({ terminal, options }: CommandContext): Promise<ExitCode> {
  const { parts, resolved, configPath } = await loadSettings(options)
  const { config } = resolved
  const gathered = await gatherDefinitions(parts.definitions ?? [], parts.handlers ?? null, config)
  const rows = gathered.registry.list()
  terminal.document({ file: configPath, definitions: rows.map(documentOf) })
  if (terminal.isJson) return 0
  if (rows.length === 0) {
    const where = configPath ?? 'no configuration file was found here, or given with --config'
    terminal.print(`No definitions (${where}).`)
    return 0
  }
  const { paint, width } = terminal
  const columns: readonly Column<TaskDefinition>[] = [
    { title: 'Namespace', text: (row) => row.namespace },
    { title: 'Name', text: (row) => row.name },
    { title: 'Version', text: (row) => row.version },
    { title: 'Steps', text: stepsOf, align: 'right' },
    { title: 'Digest', text: (row) => row.digest.slice(0, 12), paint: paint.dim },
    { title: 'Description', text: (row) => row.description },
  ]
  terminal.print(formatTable(rows, columns, { width, paintTitle: paint.dim }))
  return 0
}

/** Steps that are generated from the context are counted when a task is created. */
function stepsOf({ steps, planSteps }: TaskDefinition): string {
  return planSteps === null ? String(steps.length) : `${steps.length}+`
}

function documentOf(definition: TaskDefinition): object {
  const { namespace, name, version, description, digest, steps, planSteps } = definition
  return {
    namespace,
    name,
    version,
    description,
    digest,
    isPlannedPerTask: planSteps !== null,
    steps: steps.map((step) => {
      const { name: stepName, dependsOn, retryLimit, timeoutMs } = step
      return { name: stepName, dependsOn, retryLimit, timeoutMs }
    }),
  }
}
