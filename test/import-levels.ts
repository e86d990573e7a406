// Which way imports go: between the packages, and between the parts of the engine. Lower levels never import higher
// ones, and nothing imports sideways except what is listed. A new part of the engine takes its place in the table.
import { dirname, join, posix } from 'node:path'
import { withoutComments, type SourceFile } from './source-files.ts'

/** What each package may import of ours. The dashboard knows the server over HTTP only. */
export const packageImports: Readonly<Record<string, readonly string[]>> = {
  'embedded-postgres': [],
  engine: ['embedded-postgres'], // optional, loaded when no database is given
  server: ['engine'],
  cli: ['engine', 'server', 'embedded-postgres'],
  dashboard: [],
}

/** The parts of packages/engine/src, by level. */
export const engineLevels: readonly (readonly string[])[] = [
  [
    'correlation',
    'error-catalogue',
    'errors',
    'fault-text',
    'ids',
    'instance',
    'clock',
    'json',
    'log',
    'redact',
    'storable',
    'version',
    'watched',
    'wording',
  ],
  ['states', 'config', 'registry', 'cache', 'embedded', 'http', 'instrumentation'],
  ['definitions', 'events', 'database'],
  ['tasks', 'steps', 'telemetry', 'reports', 'history'],
  ['dispatch'],
  [
    'given-definitions',
    'task-operations',
    'operator-actions',
    'task-edits',
    'task-reads',
    'namespace-operations',
    'audit-operations',
    'api-token-operations',
    'report-operations',
    'export-operations',
    'scheduled-exports',
    'open-cache',
  ],
  ['tasker-options', 'tasker-interface', 'inspect-cache', 'open-answers', 'render-metrics'],
  ['tasker'],
  ['index', 'doors', 'testing'],
]

/** Imports inside one level, each with its reason. */
export const sidewaysImports: readonly (readonly [from: string, to: string])[] = [
  ['correlation', 'clock'], // a new id begins with the time
  ['correlation', 'errors'], // and one that is none is refused
  ['errors', 'error-catalogue'], // a code has its remedy there
  ['fault-text', 'errors'], // what is left of an error in the middle of a text
  ['fault-text', 'error-catalogue'],
  ['index', 'doors'], // parts of one door
  ['redact', 'json'], // secrets are fields of JSON
  ['storable', 'json'], // what may be stored is JSON
  ['storable', 'errors'], // and says so with the one error class
  ['config', 'http'], // an entry of `http.allowedAddresses` is what the address guard can read
  ['task-operations', 'given-definitions'], // a request names a definition
  ['task-operations', 'operator-actions'], // a part of what can be asked of tasks
  ['task-operations', 'task-edits'],
  ['task-operations', 'task-reads'],
  ['task-edits', 'operator-actions'], // a limit is set as an operator sets it
  ['report-operations', 'given-definitions'], // an address is read as in a request
  ['operator-actions', 'given-definitions'], // a new context is checked by its definition
  ['history', 'tasks'], // what is asked of it is refused like every other input
  ['telemetry', 'tasks'], // options of a format are refused like every other input
  ['telemetry', 'steps'], // an error is described in lines as in the history
  ['database', 'definitions'], // rows of a stored definition are mapped from and to the model
]

/** Imports that the levels would allow and the design does not. */
export const forbiddenImports: readonly (readonly [from: string, to: string])[] = [
  ['definitions', 'config'], // what may run is pure data and the host's functions
  ['telemetry', 'database'], // it subscribes to events
]

/** Telemetry subscribes: delete the folder and the engine still works. */
const mayImportTelemetry: readonly string[] = [
  'doors',
  'telemetry',
  'tasker-options',
  'tasker-interface',
  'export-operations',
  'testing',
  'render-metrics',
  'scheduled-exports',
  'tasker',
  'index',
]

/** Faults of one file; none when it stands outside the packages' sources. */
export function importFaults(file: SourceFile): readonly string[] {
  const place = /^packages\/([^/]+)\/src\//.exec(file.path)
  const owner = place?.[1]
  if (owner === undefined || !/\.tsx?$/.test(file.path)) return []
  return specifiersOf(file.text).flatMap((specifier) =>
    specifier.startsWith('.')
      ? relativeFaults(owner, file.path, specifier)
      : packageFaults(owner, specifier),
  )
}

export function specifiersOf(text: string): readonly string[] {
  const pattern = /(?:\bfrom\s*|\bimport\s*\(?\s*)(['"])([^'"\n]+)\1/g
  return [...withoutComments(text).matchAll(pattern)].map((match) => match[2] ?? '')
}

function packageFaults(owner: string, specifier: string): readonly string[] {
  const ours = /^@tasker\/([^/]+)(\/.*)?$/.exec(specifier)
  const imported = ours?.[1]
  if (imported === undefined) return []
  if (ours?.[2] !== undefined) return [`imports ${specifier}: use the door of @tasker/${imported}`]
  const isAllowed = (packageImports[owner] ?? []).includes(imported)
  return isAllowed ? [] : [`packages/${owner} must not import @tasker/${imported}`]
}

function relativeFaults(owner: string, path: string, specifier: string): readonly string[] {
  const target = posix.normalize(posix.join(dirname(path), specifier))
  const source = `packages/${owner}/src/`
  const isInside = target.startsWith(source) || target === `packages/${owner}/package.json`
  if (!isInside) return [`imports ${specifier}, outside packages/${owner}/src`]
  if (owner !== 'engine' || target.endsWith('.json')) return []
  return levelFaults(partOf(path, source), partOf(target, source))
}

/** `packages/engine/src/config/option.ts` and `…/config.ts` both belong to `config`. */
function partOf(path: string, source: string): string {
  const [first = ''] = path.slice(source.length).split('/')
  return first.replace(/\.tsx?$/, '')
}

function levelFaults(from: string, to: string): readonly string[] {
  if (from === to) return []
  const unknown = [from, to].filter((part) => levelOf(part) === -1)
  if (unknown.length > 0) {
    return unknown.map(
      (part) => `give \`${part}\` its level in ${join('test', 'import-levels.ts')}`,
    )
  }
  if (to === 'telemetry' && !mayImportTelemetry.includes(from)) {
    return [`\`${from}\` must not import \`telemetry\`: it subscribes to events`]
  }
  if (isListed(forbiddenImports, from, to)) return [`\`${from}\` must not import \`${to}\``]
  if (levelOf(to) > levelOf(from)) return [`\`${from}\` must not import \`${to}\`, which is higher`]
  const isSideways = levelOf(to) === levelOf(from) && !isListed(sidewaysImports, from, to)
  return isSideways ? [`\`${from}\` must not import \`${to}\`, which stands beside it`] : []
}

function levelOf(part: string): number {
  return engineLevels.findIndex((parts) => parts.includes(part))
}

function isListed(
  pairs: readonly (readonly [from: string, to: string])[],
  from: string,
  to: string,
): boolean {
  return pairs.some((pair) => pair[0] === from && pair[1] === to)
}
