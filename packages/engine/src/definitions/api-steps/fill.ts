// Fills templates for one attempt. What may stand where: in an address one value, encoded, never empty and never a way up; in
// text one value; in a body, alone, anything. What is not there ends the step for good, with its name and never with a value.
import { PermanentError } from '../../errors.ts'
import type { Json, JsonObject } from '../../json.ts'
import { typeName } from '../names.ts'
import { splitResult, type Template, type TemplatePart } from './template.ts'

/** What templates read. */
export interface FillSource {
  readonly context: JsonObject
  readonly results: Readonly<Record<string, Json>>
  readonly inputs: Json
  /** An environment variable, or undefined. */
  variable(name: string): string | undefined
  /** @throws {PermanentError} when there is none of this name */
  secret(name: string): Promise<string>
}

/** Text of parts as they are. `place` completes "… of the request needs …". */
export async function fillText(
  template: Template,
  source: FillSource,
  place: string,
): Promise<string> {
  const parts = await Promise.all(
    template.map(async (part) =>
      part.kind === 'value' ? scalarText(part.reference, source, place) : outside(part, source),
    ),
  )
  return parts.join('')
}

/** Part of an address: values and secrets are encoded; variables stand as they are, because they are its author's. */
export async function fillAddress(
  template: Template,
  source: FillSource,
  place: string,
): Promise<string> {
  const parts = await Promise.all(
    template.map(async (part) => {
      if (part.kind === 'secret') return encodeURIComponent(await source.secret(part.name))
      if (part.kind !== 'value') return outside(part, source)
      const text = scalarText(part.reference, source, place)
      if (text === '') throw unusable(part.reference, place, 'is empty')
      // Both would be taken for a way up or nowhere, however they are encoded.
      if (text === '.' || text === '..') throw unusable(part.reference, place, 'is a way up')
      return encodeURIComponent(text.toWellFormed())
    }),
  )
  return parts.join('')
}

/** A value of the task, whatever it is. @throws {PermanentError} when it is not there */
export function readValue(reference: string, source: FillSource, place: string): Json {
  const value = lookUp(reference, source)
  if (value === undefined) throw unusable(reference, place, 'is not there')
  return value
}

async function outside(
  part: Exclude<TemplatePart, { kind: 'value' }>,
  source: FillSource,
): Promise<string> {
  switch (part.kind) {
    case 'text':
      return part.text
    case 'secret':
      return source.secret(part.name)
    case 'variable':
      return variableText(part, source)
    default:
      return part satisfies never
  }
}

function variableText(
  { name, otherwise }: { readonly name: string; readonly otherwise: string | null },
  source: FillSource,
): string {
  const set = source.variable(name)
  // As in a shell, `:-` also replaces an empty value.
  if (otherwise !== null) return set === undefined || set === '' ? otherwise : set
  if (set !== undefined) return set
  throw new PermanentError(
    `The variable ${name} is not set; set it, or write \${${name}:-default}.`,
    { code: 'VARIABLE_NOT_SET' },
  )
}

function scalarText(reference: string, source: FillSource, place: string): string {
  const value = readValue(reference, source, place)
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw unusable(reference, place, `is ${typeName(value)}, not text, a number or a boolean`)
}

function lookUp(reference: string, source: FillSource): Json | undefined {
  const { results, context, inputs } = source
  if (!reference.startsWith('results.')) {
    const [root, ...path] = reference.split('.')
    return memberAt(root === 'inputs' ? inputs : context, path)
  }
  const split = splitResult(reference, Object.keys(results))
  if (split === null) return undefined
  return memberAt(results[split.parent], split.path === '' ? [] : split.path.split('.'))
}

function memberAt(value: Json | undefined, path: readonly string[]): Json | undefined {
  let member = value
  for (const key of path) {
    if (typeof member !== 'object' || member === null || !Object.hasOwn(member, key))
      return undefined
    if (Array.isArray(member) && !/^\d+$/.test(key)) return undefined // length is no member
    const next: unknown = Reflect.get(member, key)
    member = next as Json // an own member of a JSON value is JSON
  }
  return member
}

const unusable = (reference: string, place: string, problem: string): PermanentError =>
  new PermanentError(`The ${place} of the request needs {${reference}}, which ${problem}.`, {
    code: 'REQUEST_VALUE_MISSING',
  })
