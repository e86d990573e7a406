// Custom events that YAML files describe: read at start, in the catalogue, published by any step, their payloads checked.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createTasker, defineTask, type JsonObject, type Tasker } from '../../src/index.ts'
import { databaseForFile } from '../support/database.ts'

const database = databaseForFile()

const orderProcessed = `
events:
  custom:
    order_processed:
      constant: order.processed
      description: An order was processed.
      payload_schema:
        order_id: { type: String, required: true, description: its number }
        item_count: Integer
        total: { type: Float }
        at: Time
        is_gift: Boolean
        lines: Array
        address: Hash
      fired_by: [OrderService]
`

function write(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'tasker-events-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  return folder
}

async function open(folders: readonly string[], payload: JsonObject = {}): Promise<Tasker> {
  const publishing = defineTask({ name: 'publishing' }).step('publish', async (step) => {
    step.publish('order.processed', payload)
    return 1
  })
  const tasker = await createTasker({
    database: { url: database.url, migrate: 'off' },
    engine: { customEventsDirectories: folders },
    definitions: [publishing],
  })
  onTestFinished(() => tasker.close())
  return tasker
}

const faultsOf = async (files: Readonly<Record<string, string>>): Promise<string> =>
  open([write(files)]).then(
    () => 'none',
    (error: unknown) => (error instanceof Error ? error.message : ''),
  )

describe('an event file', () => {
  test('describes an event for the catalogue: schema, example, and who publishes it', async () => {
    const tasker = await open([write({ 'shop/orders.yml': orderProcessed })])
    const event = tasker.events.catalogue.find('order.processed')
    expect(event).toMatchObject({
      category: 'custom',
      description: 'An order was processed.',
      firedBy: ['OrderService'],
      payloadSchema: {
        properties: {
          payload: {
            properties: {
              order_id: { type: 'string', description: 'its number' },
              item_count: { type: 'integer' },
              total: { type: 'number' },
              at: { type: 'string', format: 'date-time' },
              is_gift: { type: 'boolean' },
              lines: { type: 'array' },
              address: { type: 'object' },
            },
            required: ['order_id'],
          },
        },
      },
      example: {
        payload: {
          order_id: 'order_id_123',
          item_count: 5,
          total: 2.34,
          at: '2026-01-02T03:04:05.000Z',
          is_gift: true,
          lines: ['item1', 'item2'],
          address: {},
        },
      },
    })
  })

  test('lets any step publish its event, with a payload that is right', async () => {
    const payload = { order_id: 'A-1', item_count: 2, extra: true }
    const tasker = await open([write({ 'orders.yaml': orderProcessed })], payload)
    const told: unknown[] = []
    tasker.events.subscribe('order.processed', (event) => told.push(event.payload))
    await tasker.worker.start()
    const { taskId } = await tasker.tasks.create('publishing', { context: {} })
    expect(await tasker.tasks.waitFor(taskId)).toMatchObject({ state: 'complete' })
    expect(told).toMatchObject([{ name: 'order.processed', payload, taskId }])
  })

  test('refuses a payload that is wrong, with every fault and no value', async () => {
    const payload = { order: 'hidden', item_count: 'hidden' }
    const tasker = await open([write({ 'orders.yaml': orderProcessed })], payload)
    const told: unknown[] = []
    tasker.events.subscribe('step.failed', (event) => told.push(event.payload.error))
    await tasker.worker.start()
    const { taskId } = await tasker.tasks.create('publishing', { context: {} })
    await tasker.worker.idle()
    await expect.poll(() => told).toHaveLength(1)
    expect(told).toMatchObject([{ code: 'REQUEST_INVALID' }])
    expect(JSON.stringify(told)).toMatch(/payload.*order_id/)
    expect(JSON.stringify(told)).toMatch(/item_count/)
    expect(JSON.stringify(told)).not.toMatch(/hidden/)
    await tasker.tasks.cancel(taskId, { reason: 'seen' })
  })

  test('may say what another file says, and not something else', async () => {
    const same = { 'one.yml': orderProcessed, 'two.yml': orderProcessed }
    expect(await faultsOf(same)).toBe('none')
    const other = { ...same, 'two.yml': orderProcessed.replace('was processed', 'is done') }
    expect(await faultsOf(other)).toMatch(/two\.yml:4:5.*described differently in .*one\.yml/s)
  })

  test('is refused with every fault and its place', async () => {
    const faults = await faultsOf({
      'a.yml': `
events:
  custom:
    bad_name: { constant: task.done, descripton: misspelt }
    bad_fields:
      constant: order.priced
      description: 7
      payload_schema: { price: Flaot, currency: { type: String, required: 'yes', unit: cent } }
      fired_by: [1]
    text: nothing
`,
      'b.yml': 'event_metadata: {}\n',
      'c.yml': 'events: [\n',
    })
    for (const expected of [
      /a\.yml:4:\d+.*"task" is reserved/,
      /descripton.*did you mean "description"/,
      /a\.yml:7:\d+.*expected a text/,
      /expected one of String, .*did you mean "Float"/,
      /required.*expected true or false/,
      /currency\.unit: is not a key/,
      /fired_by.*expected names/,
      /a\.yml:10:\d+.*expected a map with the key "constant"/,
      /b\.yml.*event_metadata: is not a key/,
      /b\.yml.*events: is missing/,
      /c\.yml/,
    ]) {
      expect(faults).toMatch(expected)
    }
  })

  test('and a folder that somebody names must be there; the default need not', async () => {
    const missing = join(write({}), 'missing')
    await expect(open([missing])).rejects.toThrow(/missing.*cannot be read/s)
    await expect(open(['config/tasker/events'])).resolves.toBeDefined()
  })
})
