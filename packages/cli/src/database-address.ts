// The address of the database for commands that need no more than that: the one configured, or that
// of the embedded server, which is started for as long as it is needed.
import { TaskerError, type Config } from '@tasker/engine'
import { codeOf } from './failure.ts'
import type { Terminal } from './terminal.ts'

export interface OpenDatabase {
  readonly url: string
  release(): Promise<void>
}

/** @throws {TaskerError} DATABASE_REQUIRED when none is configured and there is no embedded one. */
export async function openDatabase(config: Config, terminal: Terminal): Promise<OpenDatabase> {
  const { url, embedded } = config.database
  if (url !== null) return { url, release: async () => undefined }
  const { startEmbeddedPostgres } = await loadEmbedded()
  return startEmbeddedPostgres({ folder: embedded, onNotice: (line) => terminal.log(line) })
}

async function loadEmbedded(): Promise<typeof import('@tasker/embedded-postgres')> {
  try {
    return await import('@tasker/embedded-postgres')
  } catch (error) {
    if (codeOf(error) !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new TaskerError(
      'DATABASE_REQUIRED',
      'No database was given, and @tasker/embedded-postgres is not installed.',
      {},
      error,
    )
  }
}
