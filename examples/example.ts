// What an example is made of: its systems, its definitions, a context to try, and the faults one can ask for. run-example.ts
// and tasker.config.ts run it for people, open-example.ts for tests.
import type { GivenDefinition, JsonObject, Tasker, TaskerOptions } from '@tasker/engine'
import type { StubSystem } from './stub-system.ts'

export type Systems = Readonly<Record<string, StubSystem>>

/** Where the systems stand, under the names of environment variables: `payments` → `PAYMENTS_URL`. */
export type Addresses<Of extends Systems> = {
  readonly [Name in keyof Of & string as `${Uppercase<Name>}_URL`]: string
}

/** A Tasker with the definitions of the example, on the same database as the worker. */
export type OpenTasker = () => Promise<Pick<Tasker, 'tasks'>>

export interface ExampleFault<Of extends Systems = Systems> {
  /** One line for `--list`: what goes wrong. */
  readonly shows: string
  /** Makes the systems fail. */
  inject?(systems: Of): void
  /** Makes the order, the period, the request another one. */
  change?(context: JsonObject): JsonObject
}

export interface Example<
  Of extends Systems = Systems,
  Definitions extends Readonly<Record<string, GivenDefinition>> = Readonly<
    Record<string, GivenDefinition>
  >,
> {
  readonly name: string
  /** One line for `--list`. */
  readonly shows: string
  /** The task to run: `namespace/name`. */
  readonly task: string
  /** A context for it. */
  readonly context: JsonObject
  /** Fresh stand-ins for the systems that it calls, not yet started. Names: lower case, with `_` between words. */
  readonly systems: () => Of
  define(addresses: Addresses<Of>): Definitions | Promise<Definitions>
  /** Gives systems that stand before a Tasker theirs. It is made when first asked for. Default: there are none. */
  connect?(systems: Of, open: OpenTasker): void
  readonly faults: Readonly<Record<string, ExampleFault<Of>>>
  /** The fault that is shown when none is asked for: one that it recovers from. Default: none. */
  readonly usualFault?: string
  /** What its Tasker is given besides. */
  readonly options?: Pick<TaskerOptions, 'dependentSystems'>
}

/** Infers the types of an example; returns what it was given. */
export function defineExample<
  Of extends Systems,
  Definitions extends Readonly<Record<string, GivenDefinition>>,
>(example: Example<Of, Definitions>): Example<Of, Definitions> {
  return example
}

export async function startSystems(systems: Systems): Promise<void> {
  await Promise.all(Object.values(systems).map((system) => system.start()))
}

export async function closeSystems(systems: Systems): Promise<void> {
  await Promise.all(Object.values(systems).map((system) => system.close()))
}

export const variableFor = (system: string): string => `${system.toUpperCase()}_URL`

/** Of systems that have been started. */
export function addressesOf<Of extends Systems>(systems: Of): Addresses<Of> {
  const urls = Object.entries(systems).map(([name, { url }]) => [variableFor(name), url])
  return Object.fromEntries(urls) as Addresses<Of> // the same names, by the same rule
}

/** @throws {RangeError} when the example has no such fault. */
export function faultOf<Of extends Systems>(
  { name, faults }: Example<Of>,
  asked: string,
): ExampleFault<Of> {
  const fault = Object.hasOwn(faults, asked) ? faults[asked] : undefined
  if (fault !== undefined) return fault
  const known = Object.keys(faults).join(', ')
  throw new RangeError(`${name} has no fault "${asked}"; it has ${known === '' ? 'none' : known}.`)
}
