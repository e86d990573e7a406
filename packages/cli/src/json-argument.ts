// JSON as it is given on the command line: the text itself, or the file that holds it.
import { readFile } from 'node:fs/promises'
import type { Json } from '@tasker/engine'
import { codeOf, UsageError } from './failure.ts'

/**
 * `{"orderId": 1}`, `@order.json`, or `order.json`.
 * @throws {UsageError} when it is no JSON or the file cannot be read. The text is never quoted.
 */
export async function readJson(argument: string, option: string): Promise<Json> {
  const file = fileIn(argument)
  if (file === null) return parse(argument, option)
  return parse(await read(file, option), `The file ${file}`)
}

function fileIn(argument: string): string | null {
  if (argument.startsWith('@')) return argument.slice(1)
  return argument.endsWith('.json') ? argument : null
}

async function read(file: string, option: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const reason = codeOf(error) ?? 'unknown reason'
    throw new UsageError(`The file ${file} of ${option} cannot be read (${reason}).`)
  }
}

function parse(text: string, what: string): Json {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, '')) as Json // what JSON.parse returns
  } catch (error) {
    // The parser's own message quotes the text around the fault, which may be anybody's data.
    const place = error instanceof Error ? placeIn(error.message, text) : ''
    const hint = what.startsWith('--') ? ' Give JSON, or a file as @file or name.json.' : ''
    throw new UsageError(`${what} is not JSON${place}.${hint}`)
  }
}

function placeIn(message: string, text: string): string {
  const found = /position (\d+)/.exec(message)?.[1]
  if (found === undefined) return ''
  const before = text.slice(0, Number(found)).split('\n')
  return ` (line ${before.length}, column ${(before.at(-1) ?? '').length + 1})`
}
