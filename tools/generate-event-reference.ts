// Writes docs/reference/events.md from the catalogue in packages/engine/src/events and the table in first-generation-events.ts.
// With --check it only says whether the page is fresh. `npm run docs:update` runs all generators.
import { join } from 'node:path'
import {
  eventCatalogue,
  type DescribedEvent,
} from '../packages/engine/src/events/described-events.ts'
import { lifeEvents, newEvents, registryEvents, type Fate } from './first-generation-events.ts'
import { defaultRoutes } from '../packages/engine/src/telemetry/router/default-routes.ts'
import { writeOrCheck } from './generated-page.ts'

function renderPage(): string {
  return [
    '# Events',
    '',
    'Generated from `packages/engine/src/events` and `tools/first-generation-events.ts` by `tools/generate-event-reference.ts`.',
    'Do not edit. How to listen: [guides/events.md](../guides/events.md).',
    '',
    'Each is published once, in one process, after the commit that made it true; those of workers and subscribers, which stand',
    'for no entry of the history, when they happen. A process that dies takes with it what it had not told. Times are `Date`s.',
    'What stands for an entry can be read from the history too, by any process: [events of all processes](../guides/events.md#events-of-all-processes).',
    '',
    '## What can happen',
    '',
    ...table(
      ['Event', 'Meaning', 'Published by', 'Payload'],
      eventCatalogue.all.map((event) => [
        code(event.name),
        event.description,
        event.firedBy.join(', '),
        fieldsOf(event).map(code).join(', '),
      ]),
    ),
    '',
    '## Fields',
    '',
    ...table(
      ['Field', 'Type', 'Meaning'],
      [...allFields()].map(([name, { type, meaning }]) => [
        code(name),
        type,
        [...meaning].join('; or '),
      ]),
    ),
    '',
    '## Where they are told',
    '',
    'Unless `telemetry.routes` says otherwise ([guides/events.md](../guides/events.md#where-events-are-told)), and of all tasks.',
    'Subscribers and diagnostics channels hear of every event. An event of a handler goes where `custom` goes.',
    '',
    ...table(
      ['Event', 'Traces', 'Metrics', 'Logs', 'Priority'],
      Object.entries(defaultRoutes).map(([name, { backends, priority }]) => [
        code(name),
        ...(['trace', 'metrics', 'logs'] as const).map((backend) =>
          backends.includes(backend) ? 'yes' : '',
        ),
        priority,
      ]),
    ),
    '',
    '## The events of the first generation',
    '',
    'What became of each name. Kept: the same name, told once. Renamed: what it meant is told under another name.',
    '',
    ...fateTable(lifeEvents),
    '',
    'Those of its registries were declared and never sent:',
    '',
    ...fateTable(registryEvents),
    '',
    'New:',
    '',
    ...table(
      ['Event', 'Why'],
      Object.entries(newEvents).map(([name, why]) => [code(name), why]),
    ),
    '',
  ].join('\n')
}

interface Field {
  readonly type: string
  readonly meaning: Set<string>
}

type Properties = Readonly<Record<string, Readonly<Record<string, unknown>>>>

// The schemas of the catalogue are objects with properties, see payload-fields.ts.
const propertiesOf = (event: DescribedEvent): Properties =>
  event.payloadSchema['properties'] as Properties

const fieldsOf = (event: DescribedEvent): readonly string[] => Object.keys(propertiesOf(event))

function allFields(): ReadonlyMap<string, Field> {
  const fields = new Map<string, Field>()
  for (const event of eventCatalogue.all) {
    for (const [name, schema] of Object.entries(propertiesOf(event))) {
      const field = fields.get(name) ?? { type: typeOf(schema), meaning: new Set() }
      fields.set(name, { ...field, meaning: field.meaning.add(String(schema['description'])) })
    }
  }
  return fields
}

function typeOf({ type, format, enum: values }: Properties[string]): string {
  if (Array.isArray(values)) return values.map((value) => code(String(value))).join(', ')
  const types = [type]
    .flat()
    .map((one) => (format === 'date-time' && one === 'string' ? 'Date' : one))
  return types.join(' or ')
}

const fateTable = (fates: Readonly<Record<string, Fate>>): readonly string[] =>
  table(
    ['First generation', 'Here', 'Note'],
    Object.entries(fates).map(([name, fate]) => [code(name), ...fateOf(fate)]),
  )

function fateOf(fate: Fate): readonly [string, string] {
  switch (fate.kind) {
    case 'kept':
      return ['kept', fate.note ?? '']
    case 'renamed':
      return [code(fate.to), fate.note]
    case 'dropped':
      return ['dropped', fate.reason]
    default:
      return fate satisfies never
  }
}

const code = (text: string): string => `\`${text}\``

const table = (
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] => [
  row(headings),
  row(headings.map(() => '---')),
  ...rows.map((cells) => row(cells.map((cell) => cell.replaceAll('|', '\\|')))),
]

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

writeOrCheck(join('docs', 'reference', 'events.md'), renderPage())
