// Whether what was passed to `create` and `createMany` is a request at all, before anything in it is read. What stands in
// a request is request.ts and create-task.ts.
import type { DatabaseClient } from '../definitions/host-transaction.ts'
import { typeName } from '../definitions/names.ts'
import type { Fault } from '../errors.ts'
import { refuseInput } from './check-input.ts'

/** @throws {TaskerError} REQUEST_INVALID unless it is an object. */
export function requireRequest(given: unknown): void {
  const fault = shapeFault(given, 'request')
  if (fault !== null) throw refuseInput('The call', [fault])
}

/** @throws {TaskerError} REQUEST_INVALID with every request that is none or names no definition. */
export function requireRequests(given: unknown): void {
  if (!Array.isArray(given)) {
    const message = `expected an array, received ${typeName(given)}`
    throw refuseInput('The call', [{ path: 'requests', message }])
  }
  const faults = given.flatMap((request: unknown, index): Fault[] => {
    const path = `requests.${index}`
    const fault = shapeFault(request, path)
    if (fault !== null) return [fault]
    const definition = (request as { readonly definition?: unknown }).definition // an object, see above
    return definition === undefined || definition === null
      ? [{ path: `${path}.definition`, message: 'is missing' }]
      : []
  })
  if (faults.length > 0) throw refuseInput('The call', faults)
}

/** @throws {TaskerError} REQUEST_INVALID unless it is a client, or left out. */
export function requireClient(given: DatabaseClient | null | undefined): DatabaseClient | null {
  if (given === undefined || given === null) return null
  if (typeof given === 'object' && 'query' in given && typeof given.query === 'function')
    return given
  const message = `expected a client with a method query, received ${typeName(given)}`
  throw refuseInput('The call', [{ path: 'transaction', message }])
}

const shapeFault = (given: unknown, path: string): Fault | null =>
  typeof given === 'object' && given !== null && !Array.isArray(given)
    ? null
    : { path, message: `expected an object, received ${typeName(given)}` }
