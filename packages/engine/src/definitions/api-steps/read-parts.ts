// Where an API step's request goes and what it carries, read from settings: address, query, headers, body, TLS, proxy.
import { copyJson, isPlainObject } from '../json-value.ts'
import { show } from '../names.ts'
import type { ApiSettings, FromExecution, JsonTemplate, QueryTemplate } from './settings.ts'
import { camelCase } from './setting-keys.ts'
import type { QueryValue } from '../../http/model.ts'
import {
  credentialName,
  isOfTask,
  outsideAt,
  refuseCredential,
  templateAt,
  valueAt,
  type GivenPart,
  type PartReader,
} from './read-texts.ts'
import type { Template } from './template.ts'

const noTemplate: Template = Object.freeze([])

const authority = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i

/** What ends before the path, when each variable is a `v`: a host behind its scheme, or a variable that holds both. */
const wholeAuthority = /^(?:(?:https?|v+):\/\/[^/?#\\]+|v(?:[^/?#\\]*[^:/?#\\])?)[/?]/i

export function readBaseUrl(reader: PartReader): Template {
  const given = reader.given.at(-1)
  if (given === undefined) {
    reader.report(
      ['config'],
      'has no `base_url` (in code `baseUrl`), the address of the other system',
    )
    return noTemplate
  }
  const { value, path } = given
  if (typeof value !== 'string' || value.trim() === '') {
    reader.report(path, `expected an http or https URL, received ${show(value)}`)
    return noTemplate
  }
  const template = templateAt(value, given, reader)
  if (!isAuthorityFixed(template)) {
    reader.report(path, 'the address of a system does not come from a task: use ${NAME} there')
  }
  // A variable may be all of it; what it holds is seen when the step runs.
  if (!value.startsWith('${')) {
    const fault = urlFault(value.replaceAll(/\$?\{[^}]*\}/g, '1'))
    if (fault !== null) reader.report(path, fault)
  }
  return template
}

/** A value of the task in the address of a system could send its credentials anywhere. */
function isAuthorityFixed(template: Template): boolean {
  const at = template.findIndex(isOfTask)
  if (at < 0) return true
  const before = template.slice(0, at).map((part) => (part.kind === 'text' ? part.text : 'v'))
  return wholeAuthority.test(before.join(''))
}

/** What is wrong with the address of a system, or null. */
export function urlFault(url: string): string | null {
  const parsed = URL.parse(url)
  if (parsed === null || !['http:', 'https:'].includes(parsed.protocol)) {
    return 'expected a URL with scheme and host, http:// or https://'
  }
  if (parsed.username !== '' || parsed.password !== '') {
    return 'holds a user or a password; write `headers: { authorization: "Basic ${secret:NAME}" }`'
  }
  return parsed.hash === '' ? null : 'holds a fragment (#…), which is never sent'
}

export function readPath(reader: PartReader): ApiSettings['path'] {
  const given = reader.given.at(-1)
  if (given === undefined) return null
  const { value, path } = given
  const computed = computedBy<string>(given)
  if (computed !== null) return computed
  if (typeof value !== 'string') {
    reader.report(path, `expected a path, received ${show(value)}`)
    return null
  }
  if (authority.test(value)) reader.report(path, 'expected a path; the address is `base_url`')
  if (value.includes('#')) reader.report(path, 'holds a fragment (#…), which is never sent')
  return templateAt(value, given, reader)
}

export function readQuery(reader: PartReader): ApiSettings['query'] {
  const query = new Map<string, QueryTemplate>()
  let computed: FromExecution<Readonly<Record<string, QueryValue>>> | null = null
  for (const given of reader.given) {
    computed = computedBy(given)
    if (computed !== null) query.clear()
    else for (const [name, value] of entriesAt(given, reader)) readParameter(name, value)
  }
  return computed ?? Object.fromEntries(query)

  function readParameter(name: string, part: GivenPart): void {
    const { value, path } = part
    if (value === null || value === undefined) query.delete(name)
    else if (typeof value === 'string') {
      const template = valueAt(value, part, reader)
      if (credentialName.test(name)) refuseCredential(template, part, reader)
      query.set(name, template)
    } else if (isScalar(value)) query.set(name, value)
    else if (Array.isArray(value) && (value as readonly unknown[]).every(isScalarOrText)) {
      query.set(
        name,
        (value as readonly unknown[]).map((member, index) =>
          valueAt(String(member), { ...part, path: [...path, index] }, reader),
        ),
      )
    } else
      reader.report(path, `expected text, a number, a boolean or a list, received ${show(value)}`)
  }
}

const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
/** The client's own: others would break the message. */
const clientHeaders = [
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'upgrade',
  'te',
  'trailer',
  'expect',
  'keep-alive',
]

export function readHeaders(reader: PartReader): ApiSettings['headers'] {
  const headers = new Map<string, Template>([
    ['accept', [{ kind: 'text', text: 'application/json' }]],
  ])
  let computed: FromExecution<Readonly<Record<string, string>>> | null = null
  for (const given of reader.given) {
    computed = computedBy(given)
    if (computed !== null) continue
    for (const [name, part] of entriesAt(given, reader)) readHeader(name.toLowerCase(), part)
  }
  return computed ?? Object.fromEntries(headers)

  function readHeader(name: string, part: GivenPart): void {
    const { value, path } = part
    if (!headerName.test(name)) return reader.report(path, 'is no name of a header')
    if (clientHeaders.includes(name)) return reader.report(path, 'is set by the client')
    if (value === null || value === undefined) return void headers.delete(name)
    if (!isScalarOrText(value)) return reader.report(path, `expected text, received ${show(value)}`)
    const text = String(value)
    if (/[\r\n\0]/.test(text)) return reader.report(path, 'holds a line break')
    const template = templateAt(text, part, reader)
    if (credentialName.test(name)) refuseCredential(template, part, reader)
    headers.set(name, template)
  }
}

export function readBody(reader: PartReader): ApiSettings['body'] {
  const given = reader.given.at(-1)
  if (given === undefined) return null
  const computed = computedBy<never>(given)
  if (computed !== null) return computed
  if (given.value instanceof Uint8Array) return { kind: 'bytes', bytes: given.value }
  const { value, faults } = copyJson(given.value, 'body')
  for (const fault of faults) reader.report(given.path, `${fault.path}: ${fault.message}`)
  return jsonTemplate({ ...given, value }, reader)
}

const tlsTexts = ['ca', 'cert', 'key', 'servername']

export function readTls(reader: PartReader): ApiSettings['tls'] {
  const tls = new Map<string, Template | boolean>()
  for (const given of reader.given) {
    for (const [name, part] of entriesAt(given, reader)) {
      const { value, path } = part
      const key = camelCase(name)
      if (value === null || value === undefined) continue
      if (key === 'rejectUnauthorized' && typeof value === 'boolean') tls.set(key, value)
      else if (tlsTexts.includes(key) && typeof value === 'string') {
        const template = outsideAt(value, part, reader)
        if (key === 'key') refuseCredential(template, part, reader)
        tls.set(key, template)
      } else if (tlsTexts.includes(key))
        reader.report(path, `expected text, received ${show(value)}`)
      else
        reader.report(
          path,
          `expected ${tlsTexts.join(', ')} or reject_unauthorized (true or false)`,
        )
    }
  }
  return tls.size === 0 ? null : Object.fromEntries(tls)
}

export function readProxy(reader: PartReader): ApiSettings['proxy'] {
  const given = reader.given.at(-1)
  if (given === undefined) return undefined
  if (given.value === null) return null
  if (typeof given.value === 'string') {
    const template = outsideAt(given.value, given, reader)
    if (URL.parse(given.value)?.password) refuseCredential(template, given, reader)
    return template
  }
  reader.report(given.path, `expected the URL of a proxy, or null, received ${show(given.value)}`)
  return undefined
}

/** A function of the execution, which only code can give. */
function computedBy<Value>({ value }: GivenPart): FromExecution<Value> | null {
  // What it returns was typed where it was passed, and is checked by the client.
  return typeof value === 'function' ? (value as FromExecution<Value>) : null
}

function entriesAt(
  given: GivenPart,
  reader: PartReader,
): readonly (readonly [string, GivenPart])[] {
  if (!isPlainObject(given.value)) {
    reader.report(given.path, `expected a map, received ${show(given.value)}`)
    return []
  }
  return Object.entries(given.value).map(([name, value]) => [
    name,
    { ...given, value, path: [...given.path, name] },
  ])
}

function jsonTemplate(part: GivenPart, reader: PartReader): JsonTemplate {
  const { value, path } = part
  const member = (inner: unknown, key: string | number): JsonTemplate =>
    jsonTemplate({ ...part, value: inner, path: [...path, key] }, reader)
  if (typeof value === 'string') {
    const template = valueAt(value, part, reader, true)
    if (credentialName.test(String(path.at(-1)))) refuseCredential(template, part, reader)
    return { kind: 'text', template }
  }
  if (Array.isArray(value)) {
    // Array.isArray gives any[]; each member is read.
    return { kind: 'list', members: (value as readonly unknown[]).map(member) }
  }
  if (isPlainObject(value)) {
    const members = Object.entries(value).map(([key, inner]) => [key, member(inner, key)] as const)
    return { kind: 'map', members }
  }
  const plain = value as null | number | boolean // the rest of JSON: the copy has nothing else
  return { kind: 'plain', value: plain }
}

const isScalar = (value: unknown): value is number | boolean =>
  typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))
const isScalarOrText = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || isScalar(value)
