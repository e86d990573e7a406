// How this command line was started, so that the commands it proposes can be copied and work.
import { readFileSync } from 'node:fs'
import { basename, relative } from 'node:path'
import { shellWord } from '@tasker/engine'
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
  return ['node', ...process.execArgv, relative(process.cwd(), script)].map(shellWord).join(' ')
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

/** How this command line was told where things are. */
export interface CommandNeeds {
  readonly options: GlobalOptions
  /** Null: they could not be read. */
  readonly settings: Settings | null
}

/** A command with the options that reach the same database, and the same definitions if needed. */
export const commandLine = (words: readonly string[], needs: CommandNeeds): string =>
  copyable(['tasker', ...words.map(shellWord)].join(' '), needs)

/** The same for a command as the engine writes it, `tasker task why …`: its words are quoted, blanks stand in `<…>`. */
export function copyable(command: string, { options, settings }: CommandNeeds): string {
  const { config, database, schema } = options
  const needsConfig = /^tasker (?:config|definitions|dev|doctor|task run|worker)\b/.test(command)
  const namesConfig = command.includes(' --config ')
  return [
    command.replace(/^tasker\b/, () => commandPrefix()),
    ...(config === undefined || namesConfig || !(needsConfig || isPlacedByFile(settings))
      ? []
      : ['--config', shellWord(config)]),
    ...(database === undefined ? [] : ['--database', shownDatabase(database)]),
    ...(schema === undefined ? [] : ['--schema', shellWord(schema)]),
  ].join(' ')
}

/** The same for each command that stands in a sentence, between backticks. */
export const withCopyable = (text: string, needs: CommandNeeds): string =>
  text.replaceAll(/`(tasker [^`]+)`/g, (_all, command: string) => `\`${copyable(command, needs)}\``)

function isPlacedByFile(settings: Settings | null): boolean {
  if (settings === null) return true
  const { sources } = settings.resolved
  return (['database.url', 'database.embedded', 'database.schema'] as const).some((key) =>
    sources[key].startsWith('file '),
  )
}

/** An address that holds a password is not written onto the screen. */
function shownDatabase(url: string): string {
  return /:\/\/[^/@]*:[^/]*@|password=/i.test(url) ? '"$DATABASE_URL"' : shellWord(url)
}
