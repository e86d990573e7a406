// The catalogue of the events: every name once, described, with a schema that its example keeps; and how it is searched.
import { describe, expect, test } from 'vitest'
import { createTasker, defineTask, eventCatalogue, type EventCategory } from '../../src/index.ts'
import { eventNames } from '../../src/events/names.ts'
import { databaseForFile } from '../support/database.ts'
import { payloadFaults } from './payload-faults.ts'

const database = databaseForFile()

describe('the catalogue', () => {
  test('has every event once, in a category, described', () => {
    expect(eventCatalogue.all.map(({ name }) => name)).toEqual(eventNames)
    const categories = new Set(eventCatalogue.all.map(({ category }) => category))
    expect([...categories].toSorted()).toEqual(
      [
        'task',
        'telemetry',
        'workflow',
        'step',
        'observability',
        'custom',
        'worker',
        'performance',
        'memory',
        'handler',
        'subscriber',
        'plugin',
      ].toSorted(),
    )
    for (const { description, firedBy } of eventCatalogue.all) {
      expect(description).toMatch(/^[A-Z].*\.$/s)
      expect(firedBy.length).toBeGreaterThan(0)
    }
  })

  test.for([...eventCatalogue.all])('$name has an example that keeps its schema', (event) => {
    expect(payloadFaults(event.name, event.example)).toEqual([])
  })

  test('finds by name, by category and by text in any case', () => {
    const names = (found: readonly { readonly name: string }[]): readonly string[] =>
      found.map(({ name }) => name)
    expect(eventCatalogue.find('task.completed')?.category).toBe('task')
    expect(eventCatalogue.find('task.finished')).toBeUndefined()
    expect(names(eventCatalogue.inCategory('worker'))).toEqual([
      'worker.state_changed',
      'worker.concurrency_changed',
      'worker.loop_blocked',
    ])
    expect(eventCatalogue.inCategory('nobody' as EventCategory)).toEqual([])
    expect(names(eventCatalogue.search('SKIPPED'))).toEqual(['step.skipped'])
    expect(names(eventCatalogue.search('retry limit'))).toEqual([
      'observability.step.max_retries_reached',
    ])
    expect(eventCatalogue.search('no such thing')).toEqual([])
  })

  test('of a Tasker has the custom events of its definitions too, with the steps that declare them', async () => {
    const customEvents = [{ name: 'parcel.packed', description: 'A parcel is ready.' }]
    const packing = defineTask({ name: 'packing' })
      .step('pack', { customEvents }, async () => 1)
      .step('pack_again', { customEvents, dependsOn: ['pack'] }, async () => 2)
    const tasker = await createTasker({
      database: { url: database.url, migrate: 'off' },
      definitions: [packing],
    })
    const found = tasker.events.catalogue.find('parcel.packed')
    await tasker.close()
    expect(found).toMatchObject({
      category: 'custom',
      description: 'A parcel is ready.',
      firedBy: ['default/packing@0.1.0 pack', 'default/packing@0.1.0 pack_again'],
    })
    expect(payloadFaults('parcel.packed', found?.example)).toEqual([])
    expect(eventCatalogue.find('parcel.packed')).toBeUndefined()
  })
})
