// What `npm start` runs: the definitions of all examples, and settings that suit a demonstration. Each system that they call
// stands where the environment says (`PAYMENTS_URL` and so on); for one that it does not name, a stand-in is started here.
import { defineConfig } from '@tasker/cli'
import type { GivenDefinition } from '@tasker/engine'
import { allExamples } from './all-examples.ts'
import { addressesOf, faultOf, startSystems, variableFor, type Example } from './example.ts'
import { exampleSettings } from './settings.ts'
import { ownTasker } from './own-tasker.ts'

const definitions = await Promise.all(allExamples.map(definitionsOf))

const limits = allExamples.flatMap(({ options }) => Object.entries(options?.dependentSystems ?? {}))

export default defineConfig({
  definitions: definitions.flat(),
  dependentSystems: Object.fromEntries(limits),
  ...exampleSettings,
})

async function definitionsOf(example: Example): Promise<readonly GivenDefinition[]> {
  const systems = example.systems()
  const isNamed = (name: string): boolean => process.env[variableFor(name)] !== undefined
  const standIns = Object.entries(systems).filter(([name]) => !isNamed(name))
  const named = Object.keys(systems).filter(isNamed).map(variableFor)
  if (named.length === 0 && example.usualFault !== undefined) {
    faultOf(example, example.usualFault).inject?.(systems)
  }
  await startSystems(Object.fromEntries(standIns))
  const addresses: Record<string, string> = addressesOf(Object.fromEntries(standIns))
  for (const variable of named) addresses[variable] = process.env[variable] ?? ''
  const defined = Object.values(await example.define(addresses))
  example.connect?.(systems, ownTasker(defined).open)
  return defined
}
