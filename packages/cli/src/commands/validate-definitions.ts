// `tasker validate definitions [paths…]`: every fault of every YAML definition, for CI. Needs no
// database. Handlers are looked for when the configuration file brings any.
import { count, validateDefinitions, type YamlFault } from '@tasker/engine'
import type { ExitCode } from '../failure.ts'
import type { CommandContext } from '../program.ts'
import { loadSettings } from '../settings.ts'
import type { Terminal } from '../terminal.ts'

/** Without paths: the directory of `engine.taskConfigDirectory`. */
export async function validateDefinitionFiles(
  { terminal, options }: CommandContext,
  paths: readonly string[],
): Promise<ExitCode> {
  const { parts, resolved } = await loadSettings(options)
  const { taskConfigDirectory, environment } = resolved.config.engine
  const { files, definitions, faults } = await validateDefinitions({
    paths: paths.length > 0 ? paths : [taskConfigDirectory],
    ...(parts.handlers === undefined ? {} : { handlers: parts.handlers }),
    environment,
  })
  terminal.document({
    files,
    definitions: definitions.map(({ namespace, name, version }) => ({ namespace, name, version })),
    faults,
  })
  for (const fault of faults) terminal.print(lineOf(fault, terminal))
  const fileCount = count(files.length, 'file')
  terminal.print(
    faults.length === 0
      ? `${fileCount}, no fault.`
      : `${fileCount}, ${count(faults.length, 'fault')}.`,
  )
  return faults.length === 0 ? 0 : 1
}

/** As compilers print it, so that editors and CI find the place. */
function lineOf({ file, line, column, path, message }: YamlFault, { paint }: Terminal): string {
  return `${file}:${line}:${column} ${paint.bold(path)}: ${message}`
}
