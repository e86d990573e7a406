// The context of a task as it is given on the command line: JSON itself, or the file that holds it.
import { readFile } from 'node:fs/promises'
import type { JsonObject } from '@tasker/engine'
import { codeOf, UsageError } from './failure.ts'

/**
 * `{"orderId": 1}`, `@order.json`, or `order.json`. Without an argument: `{}`.
 * @throws {UsageError} when it is no JSON or the file cannot be read. The text is never quoted.
 */
export async function readContext(argument: string | undefined): Promise<unknown> {
  if (argument === undefined) return {}
  const file = fileIn(argument)
  if (file === null) return parse(argument, '--context')
  return parse(await read(file), `The file ${file}`)
}

/** For the engine, which checks that it is an object and that it is as the definition wants it. */
export function asContext(value: unknown): JsonObject {
  return value as JsonObject // parsed JSON; that it may be no object is the engine's to say
}

function fileIn(argument: string): string | null {
  if (argument.startsWith('@')) return argument.slice(1)
  return argument.endsWith('.json') ? argument : null
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const reason = codeOf(error) ?? 'unknown reason'
    throw new UsageError(`The file ${file} of --context cannot be read (${reason}).`)
  }
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    // The parser's own message quotes the text around the fault, which may be anybody's data.
    const place = error instanceof Error ? placeIn(error.message, text) : ''
    const hint = what === '--context' ? ' Give JSON, or a file as @file or name.json.' : ''
    throw new UsageError(`${what} is not JSON${place}.${hint}`)
  }
}

function placeIn(message: string, text: string): string {
  const found = /position (\d+)/.exec(message)?.[1]
  if (found === undefined) return ''
  const before = text.slice(0, Number(found)).split('\n')
  return ` (line ${before.length}, column ${(before.at(-1) ?? '').length + 1})`
}
