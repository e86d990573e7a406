// The context of a task as it is given on the command line.
import type { JsonObject } from '@tasker/engine'
import { readJson } from './json-argument.ts'

/**
 * `{"orderId": 1}`, `@order.json`, or `order.json`. Without an argument: `{}`.
 * @throws {UsageError} when it is no JSON or the file cannot be read. The text is never quoted.
 */
export async function readContext(argument: string | undefined): Promise<unknown> {
  return argument === undefined ? {} : readJson(argument, '--context')
}

/** For the engine, which checks that it is an object and that it is as the definition wants it. */
export function asContext(value: unknown): JsonObject {
  return value as JsonObject // parsed JSON; that it may be no object is the engine's to say
}
