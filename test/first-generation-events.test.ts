// The table of the first generation's events and the catalogue say the same.
import { expect, test } from 'vitest'
import { eventCatalogue } from '../packages/engine/src/events/described-events.ts'
import { lifeEvents, newEvents, registryEvents } from '../tools/first-generation-events.ts'

const fates = { ...lifeEvents, ...registryEvents }
const catalogued = eventCatalogue.all.map(({ name }) => name).toSorted()

test('every name of the first generation has its fate: 51, and 14 of registries', () => {
  expect(Object.keys(lifeEvents)).toHaveLength(51)
  expect(Object.keys(registryEvents)).toHaveLength(14)
})

test('the catalogue has the names that are kept or given instead, the new ones, and nothing else', () => {
  const stand = Object.entries(fates).flatMap(([name, fate]) => {
    if (fate.kind === 'kept') return [name]
    return fate.kind === 'renamed' ? [fate.to] : []
  })
  expect([...new Set([...stand, ...Object.keys(newEvents)])].toSorted()).toEqual(catalogued)
})

test('what is renamed has a name in the catalogue, and its old one is free', () => {
  for (const [name, fate] of Object.entries(fates)) {
    if (fate.kind !== 'renamed') continue
    expect(catalogued).toContain(fate.to)
    expect(catalogued).not.toContain(name)
  }
})
