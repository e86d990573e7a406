// One YAML text as data, with the way back from a path in the data to line and column. Knows nothing of definitions.
// Refuses what would not be plain data: templating code, several documents, duplicate keys, custom tags, alias bombs.
import { LineCounter, isAlias, isMap, isNode, isScalar, isSeq, parseDocument } from 'yaml'
import type { Document, Node, Pair } from 'yaml'
import type { Fault } from '../errors.ts'
import type { Json, JsonObject } from '../json.ts'
import { copyJson, isJsonObject } from './json-value.ts'
import { typeName } from './names.ts'

/** A fault in a file. */
export interface YamlFault extends Fault {
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1. */
  readonly column: number
}

export type DataPath = readonly (string | number)[]

export interface Position {
  readonly line: number
  readonly column: number
}

export interface YamlSource {
  readonly file: string
  readonly data: JsonObject
  /** Where the key at this path stands, or null when it is not in the file. */
  locate(path: DataPath): Position | null
}

export type YamlReading =
  | { readonly ok: true; readonly source: YamlSource }
  | { readonly ok: false; readonly faults: readonly YamlFault[] }

/** Enough for the anchors of a hand-written file; nested aliases multiply and reach it early. */
const aliasesMax = 100

export function readYaml(text: string, file: string): YamlReading {
  const templating = findTemplating(text)
  if (templating.length > 0) {
    return { ok: false, faults: templating.map((fault) => ({ ...fault, file })) }
  }
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true })
  const problems = [...document.errors, ...document.warnings]
  if (problems.length > 0) {
    const faults = problems.map((problem) => ({
      path: 'YAML',
      message: problem.message,
      file: file,
      ...positionAt(lines, problem.pos[0]),
    }))
    return { ok: false, faults }
  }
  const locate = (path: DataPath): Position | null => {
    const offset = offsetOf(document, path)
    return offset === null ? null : positionAt(lines, offset)
  }
  return readData(document, file, locate)
}

function readData(document: Document, file: string, locate: YamlSource['locate']): YamlReading {
  const fail = (path: string, message: string, at: DataPath): YamlReading => ({
    ok: false,
    faults: [{ path, message, file, ...(locate(at) ?? { line: 1, column: 1 }) }],
  })
  let loaded: unknown
  try {
    loaded = document.toJS({ maxAliasCount: aliasesMax })
  } catch (error) {
    // The parser's two refusals: an alias without an anchor, and aliases that multiply without end.
    return fail('YAML', error instanceof Error ? error.message : 'cannot be read', [])
  }
  const { value, faults } = copyJson(loaded, '')
  const [first] = faults
  if (first !== undefined) return fail(first.path.slice(1), first.message, pathOf(first.path))
  if (isJsonObject(value)) return { ok: true, source: { file, data: value, locate } }
  const received = loaded === undefined || loaded === null ? 'an empty file' : typeName(value)
  return fail('YAML', `expected a map of keys, received ${received}`, [])
}

const templatingCure =
  'templating code is not run; use `environments` for what differs between environments, and ' +
  '${VAR} or ${VAR:-default} for values from outside'

function findTemplating(text: string): readonly Omit<YamlFault, 'file'>[] {
  return text.split('\n').flatMap((content, index) => {
    const code = withoutComment(content)
    const match = /<%|%>|\{\{|\{%/.exec(code)
    if (match === null) return []
    const position = { line: index + 1, column: match.index + 1 }
    return [{ path: 'YAML', message: `${match[0]}: ${templatingCure}`, ...position }]
  })
}

/** Good enough for the question asked: a `#` after a space, outside quotes, begins a comment. */
function withoutComment(line: string): string {
  const comment = /^(?:[^"'#]|"[^"]*"|'[^']*'|(?<=\S)#)*?(?:^|\s)#/.exec(line)
  return comment === null ? line : line.slice(0, comment[0].length - 1)
}

function positionAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset)
  return { line: Math.max(line, 1), column: Math.max(col, 1) }
}

function offsetOf(document: Document, path: DataPath): number | null {
  let node: unknown = document.contents
  let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0
  for (const key of path) {
    const container: unknown = isAlias(node) ? node.resolve(document) : node
    if (isMap(container)) {
      const pair = container.items.find((item) => keyOf(item) === String(key))
      if (pair === undefined) return null
      node = pair.value
      offset = startOf(pair.key) ?? offset
    } else if (isSeq(container)) {
      node = container.items[Number(key)]
      if (node === undefined) return null
      offset = startOf(node) ?? offset
    } else return null
  }
  return offset
}

function keyOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : String(pair.key)
}

function startOf(node: unknown): number | null {
  return isNode(node) ? ((node as Node).range?.[0] ?? null) : null // isNode narrows to Node<unknown>
}

function pathOf(pointer: string): DataPath {
  const keys = pointer.split('/').slice(1)
  return keys.map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** `file:line:column path`, the way editors and terminals link to a place. */
export function placedFault(fault: YamlFault): Fault {
  const { file, line, column, path, message } = fault
  return { path: `${file}:${line}:${column} ${path}`, message }
}

/** Narrows a member of the data to a map. */
export function mapIn(value: Json | undefined): JsonObject {
  return value !== undefined && isJsonObject(value) ? value : {}
}

/** Narrows a member of the data to a list. */
export function listIn(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [] // any[] from isArray
}
