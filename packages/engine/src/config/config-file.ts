// Reads a configuration file in YAML or JSON. Files in TypeScript or JavaScript are programs:
// whoever starts the process imports them and passes on their default export.
import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { parseDocument } from 'yaml'
import type { Document } from 'yaml'
import { TaskerError } from '../errors.ts'
import type { ConfigFile } from './resolve.ts'

/**
 * The content of a `.yaml`, `.yml` or `.json` file, for `resolveConfig`; its options are not
 * checked yet.
 * @throws {TaskerError} CONFIG_INVALID when it cannot be read, or is no YAML or JSON; with the
 * line.
 */
export async function readConfigFile(path: string): Promise<ConfigFile> {
  const extension = extname(path)
  if (!['.yaml', '.yml', '.json'].includes(extension)) {
    throw unreadable(
      path,
      `ends in "${extension}", and only .yaml, .yml and .json are read as data`,
    )
  }
  const source = await readText(path)
  return { path, values: extension === '.json' ? parseJson(path, source) : parseYaml(path, source) }
}

async function readText(path: string): Promise<string> {
  try {
    const source = await readFile(path, 'utf8')
    return source.replace(/^\uFEFF/, '')
  } catch (cause) {
    throw unreadable(path, `cannot be read (${codeOf(cause)})`, cause)
  }
}

function parseJson(path: string, source: string): unknown {
  try {
    return JSON.parse(source)
  } catch {
    // The error quotes the text around the fault, which may be a password; so only the parser's
    // YAML twin tells where.
    const [error] = parseDocument(source, { prettyErrors: true }).errors
    const where = error?.linePos ? `, line ${error.linePos[0].line}` : ''
    throw unreadable(path, `is no JSON${where}`)
  }
}

function parseYaml(path: string, source: string): unknown {
  const document = parseDocument(source)
  const [error] = document.errors
  if (error === undefined) return valueOfDocument(path, document)
  const where = error.linePos ? `, line ${error.linePos[0].line}` : ''
  throw unreadable(path, `is no YAML${where} (${error.code})`)
}

/** Aliases are followed here: one that leads nowhere, or too many of them, is found only now. */
function valueOfDocument(path: string, document: Document): unknown {
  try {
    return document.toJS()
  } catch (cause) {
    throw unreadable(path, 'holds YAML aliases that cannot be followed', cause)
  }
}

function unreadable(path: string, problem: string, cause?: unknown): TaskerError {
  return new TaskerError(
    'CONFIG_INVALID',
    `The configuration file ${path} ${problem}.`,
    { path },
    cause,
  )
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason'
}
