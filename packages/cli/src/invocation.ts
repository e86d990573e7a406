// How this command line was started, so that the commands it proposes can be copied and work.
import { readFileSync } from 'node:fs'
import { basename, relative } from 'node:path'
import { environment, type Environment } from './environment.ts'
import type { GlobalOptions, Settings } from './settings.ts'

/** `npm run tasker --`, `npx tasker`, `tasker`, or `node` with this very file. */
export function commandPrefix(env: Environment = environment()): string {
  if (env['npm_lifecycle_event'] !== undefined && env['npm_command'] !== 'exec') {
    return hasTaskerScript(env['npm_package_json']) ? 'npm run tasker --' : 'npx tasker'
  }
  if (env['npm_command'] === 'exec') return 'npx tasker'
  const [, script = 'tasker'] = process.argv
  if (basename(script) === 'tasker') return 'tasker'
  return ['node', ...process.execArgv, relative(process.cwd(), script)].map(quoted).join(' ')
}

function hasTaskerScript(manifestPath: string | undefined): boolean {
  if (manifestPath === undefined) return false
  try {
    const manifest: unknown = JSON.parse(readFileSync(manifestPath, 'utf8'))
    return isRecord(manifest) && isRecord(manifest['scripts']) && 'tasker' in manifest['scripts']
  } catch {
    return false
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

export interface CommandNeeds {
  readonly options: GlobalOptions
  readonly settings: Settings
  /** The command runs or creates tasks, not only looks at them. */
  readonly definitions?: boolean
}

/** A command with the options that reach the same database, and the same definitions if needed. */
export function commandLine(words: readonly string[], needs: CommandNeeds): string {
  const { config, database, schema } = needs.options
  const { sources } = needs.settings.resolved
  const isPlacedByFile = (['database.url', 'database.embedded', 'database.schema'] as const).some(
    (key) => sources[key].startsWith('file '),
  )
  const needsConfig = needs.definitions === true || isPlacedByFile
  return [
    commandPrefix(),
    ...words.map(quoted),
    ...(config !== undefined && needsConfig ? ['--config', quoted(config)] : []),
    ...(database === undefined ? [] : ['--database', shownDatabase(database)]),
    ...(schema === undefined ? [] : ['--schema', quoted(schema)]),
  ].join(' ')
}

/** An address that holds a password is not written onto the screen. */
function shownDatabase(url: string): string {
  return /:\/\/[^/@]*:[^/]*@|password=/i.test(url) ? '"$DATABASE_URL"' : quoted(url)
}

/** As a POSIX shell reads it back. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
