// The way to the embedded server: an optional package, loaded only when no database was given.
import { TaskerError } from './errors.ts'
import type { Logger } from './log.ts'

export interface EmbeddedDatabase {
  readonly url: string
  release(): Promise<void>
}

export async function embeddedDatabase(
  folder: string,
  logger: Logger,
  durability: 'safe' | 'unsafe_for_tests' = 'safe',
): Promise<EmbeddedDatabase> {
  const { startEmbeddedPostgres } = await load()
  const onNotice = (line: string): void => logger.warn({ folder }, line)
  return startEmbeddedPostgres({ folder, durability, onNotice, keepsRunning: true })
}

async function load(): Promise<typeof import('@tasker/embedded-postgres')> {
  try {
    return await import('@tasker/embedded-postgres')
  } catch (error) {
    const isMissing =
      error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
    if (!isMissing || !error.message.includes('@tasker/embedded-postgres')) throw error
    throw new TaskerError(
      'DATABASE_REQUIRED',
      'No database was given, and @tasker/embedded-postgres is not installed.',
      {},
      error,
    )
  }
}
