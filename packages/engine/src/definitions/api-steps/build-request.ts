// From the settings of an API step and one attempt to the request that is sent. No I/O but the look-up of secrets.
import { PermanentError } from '../../errors.ts'
import type { HttpBody, HttpRequest, HttpTls, QueryValue } from '../../http/model.ts'
import type { Json } from '../../json.ts'
import type { StepExecution } from '../model.ts'
import { fillAddress, fillText, readValue, type FillSource } from './fill.ts'
import { urlFault } from './read-parts.ts'
import type { ApiSettings, JsonTemplate, QueryTemplate } from './settings.ts'
import { wholeValue, type Template } from './template.ts'

/** @throws {PermanentError} when a value is missing or the address is none */
export async function buildRequest(
  settings: ApiSettings,
  execution: StepExecution,
): Promise<HttpRequest> {
  const [url, query, headers, body, tls, proxy] = await Promise.all([
    addressFor(settings, execution),
    queryFor(settings, execution),
    headersFor(settings, execution),
    bodyFor(settings, execution),
    tlsFor(settings, execution),
    proxyFor(settings, execution),
  ])
  return {
    ...settings.options,
    url,
    query,
    headers,
    ...(settings.method === null ? {} : { method: settings.method }),
    ...(body === undefined ? {} : { body }),
    ...(tls === null ? {} : { tls }),
    ...(proxy === undefined ? {} : { proxy }),
  }
}

/** The path stands behind that of the base; queries of both stay. */
async function addressFor(settings: ApiSettings, execution: StepExecution): Promise<string> {
  const base = await fillAddress(settings.baseUrl, execution, 'base_url')
  const fault = urlFault(base)
  if (fault !== null) {
    throw new PermanentError(`The base_url of step ${execution.stepName} is wrong: ${fault}.`, {
      code: 'HTTP_REQUEST_INVALID',
    })
  }
  const path = await pathFor(settings, execution)
  if (path === '') return base
  const [before, baseQuery] = splitOnce(base, '?')
  const [added, pathQuery] = splitOnce(path, '?')
  if (leadsUp(added)) {
    throw new PermanentError(
      `The path of step ${execution.stepName} has a segment that is . or .., which leads elsewhere.`,
      { code: 'HTTP_REQUEST_INVALID' },
    )
  }
  const joined = `${before.replace(/\/+$/, '')}/${added.replace(/^\/+/, '')}`
  const query = [baseQuery, pathQuery].filter((part) => part !== undefined && part !== '').join('&')
  return query === '' ? joined : `${joined}?${query}`
}

/** As URLs read it: a backslash separates too, line breaks and tabs do not count. Of a template only its author's text can. */
const leadsUp = (path: string): boolean =>
  /(?:^|[/\\])(?:\.|%2e){1,2}(?:[/\\]|$)/i.test(path.replaceAll(/[\t\r\n]/g, ''))

async function pathFor({ path }: ApiSettings, execution: StepExecution): Promise<string> {
  if (path === null) return ''
  return typeof path === 'function' ? path(execution) : fillAddress(path, execution, 'path')
}

const splitOnce = (text: string, mark: string): readonly [string, string?] => {
  const at = text.indexOf(mark)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}

async function queryFor(
  { query }: ApiSettings,
  execution: StepExecution,
): Promise<Readonly<Record<string, QueryValue>>> {
  if (typeof query === 'function') return query(execution)
  const filled = Object.entries(query).map(
    async ([name, value]) => [name, await parameter(value, execution, name)] as const,
  )
  return Object.fromEntries(await Promise.all(filled))
}

async function parameter(
  value: QueryTemplate,
  source: FillSource,
  name: string,
): Promise<QueryValue> {
  const place = `query parameter ${name}`
  if (typeof value === 'number' || typeof value === 'boolean') return value
  if (isTemplates(value)) return Promise.all(value.map((part) => fillText(part, source, place)))
  const whole = wholeValue(value)
  return whole === null ? fillText(value, source, place) : queryValue(whole, source, place)
}

const isTemplates = (value: Template | readonly Template[]): value is readonly Template[] =>
  Array.isArray(value[0])

/** A value of the task may be a list, or null: then the parameter is left out. */
function queryValue(reference: string, source: FillSource, place: string): QueryValue {
  const value = readValue(reference, source, place)
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) {
    const members = value as readonly Json[] // any[] from isArray
    if (members.every(isScalar)) return members
  }
  throw new PermanentError(
    `The ${place} of the request needs {${reference}}, which is neither a value nor a list of values.`,
    { code: 'REQUEST_VALUE_MISSING' },
  )
}

const isScalar = (value: Json): value is string | number | boolean =>
  value !== null && typeof value !== 'object'

async function headersFor(
  { headers }: ApiSettings,
  execution: StepExecution,
): Promise<Readonly<Record<string, string>>> {
  if (typeof headers === 'function') {
    return { accept: 'application/json', ...lowerCased(await headers(execution)) }
  }
  const filled = Object.entries(headers).map(
    async ([name, template]) =>
      [name, await fillText(template, execution, `header ${name}`)] as const,
  )
  return Object.fromEntries(await Promise.all(filled))
}

const lowerCased = (headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

async function bodyFor({ body }: ApiSettings, execution: StepExecution): Promise<HttpBody> {
  if (body === null) return undefined
  if (typeof body === 'function') return body(execution)
  return body.kind === 'bytes' ? body.bytes : fillJson(body, execution)
}

async function fillJson(template: JsonTemplate, source: FillSource): Promise<Json> {
  switch (template.kind) {
    case 'plain':
      return template.value
    case 'text': {
      const whole = wholeValue(template.template)
      return whole === null
        ? fillText(template.template, source, 'body')
        : readValue(whole, source, 'body')
    }
    case 'list':
      return Promise.all(template.members.map((member) => fillJson(member, source)))
    case 'map': {
      const members = template.members.map(
        async ([key, member]) => [key, await fillJson(member, source)] as const,
      )
      return Object.fromEntries(await Promise.all(members))
    }
    default:
      return template satisfies never
  }
}

async function tlsFor({ tls }: ApiSettings, execution: StepExecution): Promise<HttpTls | null> {
  if (tls === null) return null
  const filled = Object.entries(tls).map(
    async ([name, value]) =>
      [name, typeof value === 'boolean' ? value : await fillText(value, execution, name)] as const,
  )
  return Object.fromEntries(await Promise.all(filled))
}

async function proxyFor(
  { proxy }: ApiSettings,
  execution: StepExecution,
): Promise<string | null | undefined> {
  return proxy === null || proxy === undefined ? proxy : fillText(proxy, execution, 'proxy')
}
