// An example in a test: its systems, started and whole, and its definitions in a Tasker of the test kit, on a database of its
// own and with a clock that the test sets. All of it is closed when the test ends.
import type { GivenDefinition, TaskerOptions } from '@tasker/engine'
import { createTestTasker, type TestTasker } from '@tasker/engine/testing'
import { inject, onTestFinished } from 'vitest'
import { databaseUrl } from '../packages/engine/test/support/server.ts'
import { addressesOf, closeSystems, startSystems, type Example, type Systems } from './example.ts'
import { exampleSettings } from './settings.ts'

export interface OpenExample<Of extends Systems, Definitions> {
  readonly kit: TestTasker
  readonly systems: Of
  readonly definitions: Definitions
}

/** Called inside a test. `options` come on top of those of settings.ts and the example's own. */
export async function openExample<
  Of extends Systems,
  Definitions extends Readonly<Record<string, GivenDefinition>>,
>(
  example: Example<Of, Definitions>,
  options: Pick<TaskerOptions, 'backoff' | 'execution' | 'http'> = {},
): Promise<OpenExample<Of, Definitions>> {
  const systems = example.systems()
  onTestFinished(() => closeSystems(systems))
  await startSystems(systems)
  const definitions = await example.define(addressesOf(systems))
  const kit = await createTestTasker({
    definitions: Object.values(definitions),
    database: databaseUrl(inject('testServer'), 'postgres'),
    ...exampleSettings,
    ...example.options,
    ...options,
    http: { ...exampleSettings.http, ...options.http },
  })
  onTestFinished(() => kit.close())
  example.connect?.(systems, async () => kit.tasker)
  return { kit, systems, definitions }
}
