// Where in the author's own files loading failed, and what helps. Node says it in the stack, in the message, or, where a
// module does not compile, only when it dies of it.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface LoadFault {
  /** `orders/charge.ts:12:5`; null: unknown. */
  readonly place: string | null
  readonly reason: string
  /** What to do, where it is plain. */
  readonly advice: readonly string[]
}

/** `lastModule`: the module that was loaded last; where compiling failed, it is the culprit. */
export function loadFaultOf(thrown: unknown, lastModule: string | null): LoadFault {
  if (!(thrown instanceof Error)) return { place: null, reason: String(thrown), advice: [] }
  const code = 'code' in thrown ? thrown.code : null
  const missing = code === 'ERR_MODULE_NOT_FOUND' ? missingOf(thrown.message) : null
  const place =
    (missing === null ? null : placeOfImport(missing)) ??
    placeInHeader(thrown.stack ?? '') ??
    (thrown instanceof SyntaxError && lastModule !== null ? placeOfSyntax(lastModule) : null) ??
    placeInFrames(thrown.stack ?? '')
  const reason = missing === null ? thrown.message : `"${missing.name}" cannot be found`
  return { place, reason, advice: adviceFor(code, missing) }
}

interface Missing {
  /** As Node resolved it, or the name of a package. */
  readonly path: string
  readonly name: string
  readonly importer: string
}

function missingOf(message: string): Missing | null {
  const [, path, importer] = /'([^']+)' imported from (.+)$/m.exec(message) ?? []
  if (path === undefined || importer === undefined) return null
  const isFile = path.startsWith('/') || /^\w:\\/.test(path)
  return { path, importer, name: isFile ? relative(dirname(importer), path) : path }
}

/** The line of the importing file that names it. */
function placeOfImport({ name, importer }: Missing): string | null {
  const lines = existsSync(importer) ? readFileSync(importer, 'utf8').split('\n') : []
  const index = lines.findIndex((line) => /['"]/.test(line) && line.includes(name))
  return index < 0 ? shown(importer) : `${shown(importer)}:${index + 1}`
}

/** Above the stack of some errors stand file and line, the code, and a mark below what is wrong with it. */
function placeInHeader(stack: string): string | null {
  const [, file, line] = /^(file:\S+|\S.*):(\d+)\n/.exec(stack) ?? []
  if (file === undefined || line === undefined) return null
  const marks = stack.split('\n').find((each) => /^\s*\^+\s*$/.test(each))
  const column = marks?.indexOf('^') ?? -1
  const path = file.startsWith('file:') ? fileURLToPath(file) : file
  return [shown(path), line, ...(column < 0 ? [] : [column + 1])].join(':')
}

/** Of the first frame that is no package's and not Node's. */
function placeInFrames(stack: string): string | null {
  for (const [, url = '', at = ''] of stack.matchAll(/(file:\/\/[^\s()]+?):(\d+:\d+)\)?$/gm)) {
    const path = fileURLToPath(url)
    if (!isForeign(path)) return `${shown(path)}:${at}`
  }
  return null
}

/** The engine and this program may be sources beside the author's, as in their own repository. */
function isForeign(path: string): boolean {
  const own = [import.meta.url, import.meta.resolve('@tasker/engine')].map((url) =>
    dirname(fileURLToPath(url)),
  )
  return path.includes('/node_modules/') || own.some((folder) => path.startsWith(folder))
}

/** Node tells the line only to who dies of it, so a process of its own compiles the module and does. */
function placeOfSyntax(path: string): string | null {
  const program = `
    import { readFileSync } from 'node:fs'
    import { stripTypeScriptTypes } from 'node:module'
    import { SourceTextModule } from 'node:vm'
    const identifier = process.argv[1]
    const text = readFileSync(identifier, 'utf8')
    new SourceTextModule(/ts$/.test(identifier) ? stripTypeScriptTypes(text) : text, { identifier })`
  const flags = ['--no-warnings', '--experimental-vm-modules', '--input-type=module', '--eval']
  const { stderr } = spawnSync(process.execPath, [...flags, program, path], { encoding: 'utf8' })
  return placeInHeader(stderr) ?? shown(path)
}

function adviceFor(code: unknown, missing: Missing | null): readonly string[] {
  if (code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') {
    return [
      'Node removes types and compiles nothing. Write an enum as a constant object, a parameter property as a field.',
    ]
  }
  if (missing === null) return []
  if (missing.path === missing.name) return [`Install it: npm install ${missing.name}`]
  const stem = resolve(dirname(missing.importer), missing.name).replace(/\.[cm]?js$/, '')
  const meant = ['.ts', '.mts', '.js', '.mjs', '/index.ts', '/index.js']
    .map((end) => stem + end)
    .find((path) => existsSync(path))
  if (meant === undefined) return []
  return [
    `Node imports files by their whole names: "${relative(dirname(missing.importer), meant)}".`,
  ]
}

const shown = (path: string): string => relative(process.cwd(), path)

/** Where the definition that a message names seems to be written: its name, as a property, in one of these files. */
export function placeOfDefinition(message: string, paths: readonly string[]): string | null {
  const [, name] = /[\w-]+\/([\w-]+)@\d/.exec(message) ?? []
  if (name === undefined) return null
  const written = new RegExp(`\\bname:\\s*(['"\`]?)${name}\\1\\s*(,|\\}|$)`)
  for (const path of paths.filter((each) => !isForeign(each) && isReadable(each))) {
    const index = readFileSync(path, 'utf8')
      .split('\n')
      .findIndex((line) => written.test(line))
    if (index >= 0) return `${shown(path)}:${index + 1}`
  }
  return null
}

const isReadable = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isFile() === true
