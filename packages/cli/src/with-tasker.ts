// A Tasker for commands that look at tasks or change them and run nothing themselves.
import { createTasker, type Tasker } from '@tasker/engine'
import type { ExitCode } from './failure.ts'
import { lineLogger } from './log-lines.ts'
import type { CommandContext } from './program.ts'
import { loadSettings, withoutDefinitions, type Settings } from './settings.ts'

interface Needs {
  /** It creates tasks, or changes their contexts: the definitions of the configuration file are stored and known. */
  readonly definitions: boolean
}

export async function withTasker(
  { terminal, options }: CommandContext,
  use: (tasker: Tasker, settings: Settings) => Promise<ExitCode>,
  needs: Needs = { definitions: false },
): Promise<ExitCode> {
  const settings = await loadSettings(options)
  const { parts, resolved } = settings
  const logger = parts.logger ?? lineLogger(terminal)
  const given = needs.definitions ? { ...parts, resolved } : withoutDefinitions(settings)
  const tasker = await createTasker({ ...given, logger, logs: false })
  try {
    return await use(tasker, settings)
  } finally {
    await tasker.close()
  }
}
