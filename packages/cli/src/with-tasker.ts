// A Tasker for commands that look at tasks or change them and run nothing themselves.
import { createTasker, type Logger, type ResolvedConfig, type Tasker } from '@tasker/engine'
import type { ExitCode } from './failure.ts'
import { lineLogger } from './log-lines.ts'
import type { CommandContext } from './program.ts'
import { loadSettings, withoutDefinitions, type Settings } from './settings.ts'

interface Needs {
  /** It creates tasks, or changes their contexts: the definitions of the configuration file are stored and known. */
  readonly definitions: boolean
  /** It migrates nothing, whatever the configuration says, counts nothing, and logs only what is wrong. */
  readonly onlyLooks?: boolean
}

export async function withTasker(
  { terminal, options }: CommandContext,
  use: (tasker: Tasker, settings: Settings) => Promise<ExitCode>,
  needs: Needs = { definitions: false },
): Promise<ExitCode> {
  const settings = await loadSettings(options)
  const { parts } = settings
  const resolved = withoutStart(settings.resolved)
  const logger = parts.logger ?? lineLogger(terminal)
  const given = needs.definitions
    ? { ...parts, resolved }
    : withoutDefinitions({ ...settings, resolved })
  const looking =
    needs.onlyLooks === true
      ? { resolved: withoutMigration(resolved), metrics: false, logger: onlyTrouble(logger) }
      : {}
  const tasker = await createTasker({ ...given, logger, logs: false, ...looking })
  try {
    return await use(tasker, settings)
  } finally {
    await tasker.close()
  }
}

/** What cache a process has is for those that stay. */
function withoutStart(resolved: ResolvedConfig): ResolvedConfig {
  const { telemetry } = resolved.config
  const logLevels = { cache: 'warn', ...telemetry.logLevels } as const
  return {
    ...resolved,
    config: { ...resolved.config, telemetry: { ...telemetry, logLevels } },
  }
}

function withoutMigration(resolved: ResolvedConfig): ResolvedConfig {
  const { config } = resolved
  return { ...resolved, config: { ...config, database: { ...config.database, migrate: 'check' } } }
}

/** What a scheduler keeps, or sends as a mail. */
const onlyTrouble = (logger: Logger): Logger => ({
  debug: (fields, message) => logger.debug(fields, message),
  info: () => undefined,
  warn: (fields, message) => logger.warn(fields, message),
  error: (fields, message) => logger.error(fields, message),
})
