// Custom events that YAML files describe: name, meaning, payload and who publishes them. Any step may publish one of them;
// its payload is checked first. Events that a step declares for itself are step-settings.ts.
import { channel } from 'node:diagnostics_channel'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { TaskerError, listFaults } from '../errors.ts'
import type { Json, JsonObject } from '../json.ts'
import { customEventNameFault } from './custom-events.ts'
import { compileJsonSchema, type JsonSchemaCheck } from './json-schema.ts'
import { copyJson, isJsonObject } from './json-value.ts'
import { didYouMean, quote, show } from './names.ts'
import { definitionFileChannel, filesAt, unreadable, yamlInvalid } from './yaml-files.ts'
import { listIn, readYaml, type DataPath, type YamlFault } from './yaml-source.ts'

const aboutToRead = channel(definitionFileChannel)

/** Types of the first generation, and what they are in JSON Schema. */
const typeSchemas = {
  String: { type: 'string' },
  Integer: { type: 'integer' },
  Float: { type: 'number' },
  Boolean: { type: 'boolean' },
  Time: { type: 'string', format: 'date-time' },
  Array: { type: 'array' },
  Hash: { type: 'object' },
} as const satisfies Readonly<Record<string, JsonObject>>

const typeNames = Object.keys(typeSchemas)
const rootKeys = ['events']
const groupKeys = ['custom']
const eventKeys = ['constant', 'description', 'payload_schema', 'fired_by']
const fieldKeys = ['type', 'required', 'description']

export interface EventOfFile {
  readonly name: string
  readonly description: string
  /** JSON Schema of what is published. Without `payload_schema`: any object. */
  readonly payloadSchema: JsonObject
  /** As the file says it. */
  readonly firedBy: readonly string[]
  readonly check: JsonSchemaCheck
}

type ReportAt = (path: DataPath, message: string) => void

/**
 * Reads the events that files, and the YAML files below folders, describe. `optional` is a path that need not be there.
 * Two files may describe one event when they say the same.
 * @throws {TaskerError} YAML_INVALID with every fault of every file
 */
export async function readEventFiles(
  paths: readonly string[],
  optional: string | null,
): Promise<readonly EventOfFile[]> {
  const found = await Promise.all(paths.map((path) => filesAt(path)))
  const faults: YamlFault[] = found.flatMap(({ faults: missing }, index) =>
    paths[index] === optional ? [] : missing,
  )
  const events = new Map<string, { readonly event: EventOfFile; readonly file: string }>()
  for (const file of new Set(found.flatMap(({ files }) => files))) {
    const reading = await readOne(file)
    faults.push(...reading.faults)
    for (const { event, at } of reading.events) {
      const known = events.get(event.name)
      if (known === undefined) events.set(event.name, { event, file })
      else if (textOf(known.event) !== textOf(event)) {
        const message = `${quote(event.name)} is described differently in ${known.file}`
        faults.push({ path: 'constant', message, file, ...at })
      }
    }
  }
  if (faults.length > 0) throw yamlInvalid('The description of custom events', faults)
  return [...events.values()].map(({ event }) => event)
}

/**
 * Refuses a payload that is not what the file describes.
 * @throws {TaskerError} REQUEST_INVALID with every fault; values are not shown
 */
export function checkPayload({ name, check }: EventOfFile, payload: unknown): void {
  const copy = copyJson(payload ?? null, 'payload')
  const faults = copy.faults.length > 0 ? copy.faults : check(copy.value)
  if (faults.length === 0) return
  const message = `The payload of event ${quote(name)} has ${listFaults(faults)}`
  throw new TaskerError('REQUEST_INVALID', message, { faults })
}

interface Read {
  readonly events: readonly { readonly event: EventOfFile; readonly at: Place }[]
  readonly faults: readonly YamlFault[]
}

type Place = Pick<YamlFault, 'line' | 'column'>

async function readOne(file: string): Promise<Read> {
  aboutToRead.publish(resolve(file))
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    return { events: [], faults: [unreadable(file, error)] }
  }
  const reading = readYaml(text, file)
  if (!reading.ok) return { events: [], faults: reading.faults }
  const { source } = reading
  const { data } = source
  const faults: YamlFault[] = []
  const placeOf = (path: DataPath): Place => source.locate(path) ?? { line: 1, column: 1 }
  const report: ReportAt = (path, message) =>
    faults.push({ path: path.join('.'), message, file, ...placeOf(path) })
  const groups = childOf(data, [], 'events', rootKeys, report)
  const isThere = data['events'] !== undefined
  const described = isThere ? childOf(groups, ['events'], 'custom', groupKeys, report) : {}
  const events = Object.entries(described).flatMap(([key, entry]) => {
    const path = ['events', 'custom', key]
    const event = readEvent(entry, path, report)
    return event === null ? [] : [{ event, at: placeOf(path) }]
  })
  return { events, faults }
}

function childOf(
  data: JsonObject,
  path: DataPath,
  key: string,
  known: readonly string[],
  report: ReportAt,
): JsonObject {
  refuseUnknownKeys(data, path, known, report)
  const child = data[key]
  if (child !== undefined && isJsonObject(child)) return child
  if (child === undefined) report([...path, key], 'is missing')
  else report([...path, key], `expected a map, received ${show(child)}`)
  return {}
}

function readEvent(entry: Json, path: DataPath, report: ReportAt): EventOfFile | null {
  if (!isJsonObject(entry)) {
    report(path, `expected a map with the key "constant", received ${show(entry)}`)
    return null
  }
  refuseUnknownKeys(entry, path, eventKeys, report)
  const {
    constant,
    description = '',
    payload_schema: fields = null,
    fired_by: firedBy = [],
  } = entry
  const fault = customEventNameFault(constant)
  if (fault !== null) report([...path, 'constant'], fault)
  if (typeof description !== 'string') {
    report([...path, 'description'], `expected a text, received ${show(description)}`)
  }
  const publishers: readonly Json[] = Array.isArray(firedBy) ? listIn(firedBy) : [firedBy]
  if (!publishers.every((who) => typeof who === 'string')) {
    report([...path, 'fired_by'], `expected names, received ${show(firedBy)}`)
  }
  const payloadSchema = schemaOf(fields, [...path, 'payload_schema'], report)
  const compiled = compileJsonSchema(payloadSchema, 'payload')
  if (typeof constant !== 'string' || fault !== null || !compiled.ok) return null
  return {
    name: constant,
    description: typeof description === 'string' ? description : '',
    payloadSchema,
    firedBy: publishers.map(String),
    check: compiled.check,
  }
}

/** Fields that are not described may come too. */
function schemaOf(fields: Json, path: DataPath, report: ReportAt): JsonObject {
  if (fields === null) return { type: 'object' }
  if (!isJsonObject(fields)) {
    report(path, `expected a map of fields, received ${show(fields)}`)
    return { type: 'object' }
  }
  const read = Object.entries(fields).map(([name, field]) => {
    const facts = isJsonObject(field) ? field : { type: field }
    refuseUnknownKeys(facts, [...path, name], fieldKeys, report)
    const { type = null, required = false, description } = facts
    if (typeof required !== 'boolean') {
      report([...path, name, 'required'], `expected true or false, received ${show(required)}`)
    }
    const isKnown = typeof type === 'string' && isTypeName(type)
    if (!isKnown) {
      const nearest = typeof type === 'string' ? didYouMean(type, typeNames) : ''
      const expected = `expected one of ${typeNames.join(', ')}`
      report([...path, name], `${expected}, received ${show(type)}${nearest}`)
    }
    const schema = isKnown ? typeSchemas[type] : {}
    const told = typeof description === 'string' ? { description } : {}
    return { name, schema: { ...schema, ...told }, isRequired: required === true }
  })
  return {
    type: 'object',
    properties: Object.fromEntries(read.map(({ name, schema }) => [name, schema])),
    required: read.filter(({ isRequired }) => isRequired).map(({ name }) => name),
  }
}

const isTypeName = (name: string): name is keyof typeof typeSchemas =>
  Object.hasOwn(typeSchemas, name)

function refuseUnknownKeys(
  data: JsonObject,
  path: DataPath,
  known: readonly string[],
  report: ReportAt,
): void {
  for (const key of Object.keys(data).filter((name) => !known.includes(name))) {
    report([...path, key], `is not a key that is known here${didYouMean(key, known)}`)
  }
}

const textOf = ({ check: _check, ...facts }: EventOfFile): string => JSON.stringify(facts)
