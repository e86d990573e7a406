// The one place that reads this process's environment: PATH, the temporary folder, and what the
// server gets. Everything else is handed these answers.

import { accessSync, constants, realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

/** Full path of a program on PATH, links resolved, or null. */
export function findOnPath(program: string): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  for (const folder of folders) {
    const path = join(folder, program)
    try {
      accessSync(path, constants.X_OK)
      return realpathSync(path)
    } catch {
      // Not here; the next folder may have it.
    }
  }
  return null
}

/** TMPDIR or the system's own, links resolved (macOS has one in the path). */
export function temporaryFolder(): string {
  return realpathSync(tmpdir())
}

/**
 * The environment of initdb and the server. Built new rather than inherited: PGDATA, PGPORT or
 * LC_ALL of the developer's shell would change what the server does, and secrets of the application
 * have no place in it.
 */
export function serverEnvironment(
  libraryFolders: readonly string[],
): Readonly<Record<string, string>> {
  const base = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C' }
  if (libraryFolders.length === 0) return base
  const variable = process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH'
  return { ...base, [variable]: libraryFolders.join(delimiter) }
}
