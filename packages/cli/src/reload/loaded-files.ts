// Which files a process has loaded: the modules that the configuration file imports, and the YAML files and directories
// that definitions are read from. Packages are left out: installing one asks for a new start anyway.
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'
import { definitionFileChannel } from '@tasker/engine'
import { stampOf, type Stamps } from './file-stamps.ts'

export interface LoadedFiles {
  /** Each as it was just before it was read. */
  readonly stamps: () => Stamps
  /** Loaded last: where compiling failed, this is the file. */
  readonly lastModule: () => string | null
  readonly end: () => void
}

export function recordLoadedFiles(): LoadedFiles {
  const stamps = new Map<string, string>()
  let lastModule: string | null = null
  const note = (path: string): void => {
    if (!stamps.has(path)) stamps.set(path, stampOf(path))
  }
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      try {
        return next(specifier, context)
      } catch (error) {
        const missing = ownPath(urlOf(error))
        if (missing !== null) note(missing)
        throw error
      }
    },
    load(url, context, next) {
      const path = ownPath(url)
      if (path !== null) {
        note(path)
        lastModule = path
      }
      return next(url, context)
    },
  })
  // The engine publishes a path each time.
  const noteDefinition = (path: unknown): void => note(String(path))
  subscribe(definitionFileChannel, noteDefinition)
  return {
    stamps: () => Object.fromEntries(stamps),
    lastModule: () => lastModule,
    end() {
      hooks.deregister()
      unsubscribe(definitionFileChannel, noteDefinition)
    },
  }
}

/** Of a module that was not found. */
const urlOf = (error: unknown): string =>
  error instanceof Error && 'url' in error ? String(error.url) : ''

function ownPath(url: string): string | null {
  return url.startsWith('file:') && !url.includes('/node_modules/') ? fileURLToPath(url) : null
}
