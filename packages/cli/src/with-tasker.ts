// A Tasker for commands that look at tasks or change them and run nothing themselves.
import { createTasker, type Tasker } from '@tasker/engine'
import type { ExitCode } from './failure.ts'
import { lineLogger } from './log-lines.ts'
import type { CommandContext } from './program.ts'
import { loadSettings, withoutDefinitions, type Settings } from './settings.ts'

export async function withTasker(
  { terminal, options }: CommandContext,
  use: (tasker: Tasker, settings: Settings) => Promise<ExitCode>,
): Promise<ExitCode> {
  const settings = await loadSettings(options)
  const logger = settings.parts.logger ?? lineLogger(terminal)
  const tasker = await createTasker({ ...withoutDefinitions(settings), logger })
  try {
    return await use(tasker, settings)
  } finally {
    await tasker.close()
  }
}
