// The catalogue of the events for people and programs: what each means, who publishes it, what it carries. All of them, and
// the custom events that definitions declare; found by name, by category and by text.
import { isJsonList, type Json, type JsonObject } from '../json.ts'
import type { EventName, EventPayloads } from './catalogue.ts'
import { examplePayloads } from './example-payloads.ts'
import { meanings } from './meanings.ts'
import { eventNames } from './names.ts'
import { payloadSchema } from './payload-fields.ts'

/** The first word of a name; `custom` for the events that handlers declare. */
export type EventCategory =
  | 'task'
  | 'workflow'
  | 'step'
  | 'observability'
  | 'custom'
  | 'worker'
  | 'performance'
  | 'memory'
  | 'handler'
  | 'subscriber'
  | 'plugin'
  | 'telemetry'

export interface DescribedEvent {
  readonly name: string
  readonly category: EventCategory
  readonly description: string
  /** What publishes it; of a custom event, the steps that declare it. */
  readonly firedBy: readonly string[]
  /** JSON Schema of the payload as JSON: dates are texts. */
  readonly payloadSchema: JsonObject
  /** As a subscriber gets it. */
  readonly example: EventPayloads[EventName]
}

export interface EventCatalogue {
  readonly all: readonly DescribedEvent[]
  find(name: string): DescribedEvent | undefined
  inCategory(category: EventCategory): readonly DescribedEvent[]
  /** Those with the text in their name or description, in any case. */
  search(text: string): readonly DescribedEvent[]
}

/** An event of one’s own, as definitions/declared-events.ts finds it. */
export interface DeclaredEvent {
  readonly name: string
  readonly description: string
  /** The steps that declare it, and whom its file names. */
  readonly firedBy: readonly string[]
  /** JSON Schema of what is published; null: any object. */
  readonly payloadSchema: JsonObject | null
}

/** The events of Tasker, without anybody's custom events. `tasker.events.catalogue` has those too. */
export const eventCatalogue: EventCatalogue = describeEvents([])

export function describeEvents(declared: readonly DeclaredEvent[]): EventCatalogue {
  const all = [...eventNames.map(describe), ...declared.map(describeDeclared)]
  const byName = new Map(all.map((event) => [event.name, event]))
  return Object.freeze({
    all,
    find: (name) => byName.get(name),
    inCategory: (category) => all.filter((event) => event.category === category),
    search(text) {
      const wanted = text.toLowerCase()
      return all.filter(({ name, description }) =>
        `${name}\n${description}`.toLowerCase().includes(wanted),
      )
    },
  } satisfies EventCatalogue)
}

function describe(name: EventName): DescribedEvent {
  const [description, ...firedBy] = meanings[name]
  return {
    name,
    category: name.split('.', 1)[0] as EventCategory, // every name begins with one of them, see the test
    description,
    firedBy,
    payloadSchema: payloadSchema(name),
    example: examplePayloads[name],
  }
}

function describeDeclared(declared: DeclaredEvent): DescribedEvent {
  const { name, description, firedBy, payloadSchema: published } = declared
  const { properties, ...schema } = payloadSchema('custom')
  const whole = published === null ? properties : { ...mapOf(properties), payload: published }
  return {
    name,
    category: 'custom',
    description,
    firedBy,
    payloadSchema: { ...schema, properties: whole ?? {} },
    example: { ...examplePayloads.custom, name, payload: exampleOf(published) },
  }
}

/** As the first generation made them: by the type of a field, and a little by its name. */
function exampleOf(schema: JsonObject | null): JsonObject {
  const fields = Object.entries(mapOf(schema?.['properties']))
  return Object.fromEntries(fields.map(([name, field]) => [name, exampleField(name, mapOf(field))]))
}

function exampleField(name: string, { type, format }: JsonObject): Json {
  if (format === 'date-time') return '2026-01-02T03:04:05.000Z'
  switch (type) {
    case 'integer':
      return name.includes('count') ? 5 : 1
    case 'number':
      return 2.34
    case 'boolean':
      return true
    case 'array':
      return ['item1', 'item2']
    case 'object':
      return {}
    default:
      return /(^|_)id$/i.test(name) ? `${name}_123` : `example_${name}`
  }
}

const mapOf = (value: Json | undefined): JsonObject =>
  typeof value === 'object' && value !== null && !isJsonList(value) ? value : {}
