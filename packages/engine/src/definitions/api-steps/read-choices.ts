// The settings of an API step that choose: method, limits, redirects, what an answer means and what it must look like.
import { checkStandardSchema, isStandardSchema } from '../standard-schema.ts'
import { answerOutcomes, isOverrideKey, type AnswerOutcome } from '../../http/answer-classes.ts'
import type { HttpMethod, HttpRedirects, HttpTimeouts } from '../../http/model.ts'
import type { Json } from '../../json.ts'
import { copyJson, isJsonObject, isPlainObject } from '../json-value.ts'
import { compileJsonSchema } from '../json-schema.ts'
import { didYouMean, quote, show } from '../names.ts'
import type { PartReader } from './read-texts.ts'
import { camelCase } from './setting-keys.ts'
import type { ApiSettings } from './settings.ts'

const methods: readonly HttpMethod[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

export function readMethod({ given, report }: PartReader): HttpMethod | null {
  const last = given.at(-1)
  if (last === undefined) return null
  const { value, path } = last
  const method = methods.find((known) => typeof value === 'string' && known === value.toUpperCase())
  if (method === undefined) report(path, `expected ${methods.join(', ')}; received ${show(value)}`)
  return method ?? null
}

const timeoutKeys = ['connectMs', 'totalMs', 'idleMs']
const timeoutMsMax = 86_400_000

export function readTimeouts({ given, report }: PartReader): HttpTimeouts | undefined {
  const timeouts: Record<string, number> = {}
  for (const { value, path } of given) {
    if (!isPlainObject(value)) {
      report(path, `expected connect_ms, total_ms and idle_ms, received ${show(value)}`)
      continue
    }
    for (const [name, ms] of Object.entries(value)) {
      const key = camelCase(name)
      if (ms === null || ms === undefined) continue
      if (!timeoutKeys.includes(key)) {
        report(
          [...path, name],
          `expected connect_ms, total_ms or idle_ms${didYouMean(key, timeoutKeys)}`,
        )
      } else if (isWhole(ms, timeoutMsMax)) timeouts[key] = ms
      else
        report(
          [...path, name],
          `expected milliseconds from 1 to ${timeoutMsMax}, received ${show(ms)}`,
        )
    }
  }
  return Object.keys(timeouts).length === 0 ? undefined : timeouts
}

const redirects: readonly HttpRedirects[] = ['refuse', 'same-origin', 'follow']

export function readRedirects({ given, report }: PartReader): HttpRedirects | undefined {
  const last = given.at(-1)
  const choice = redirects.find((known) => known === last?.value)
  if (last !== undefined && choice === undefined) {
    report(last.path, `expected ${redirects.join(', ')}; received ${show(last.value)}`)
  }
  return choice
}

export function readInteger({ given, report }: PartReader): number | undefined {
  const last = given.at(-1)
  if (last === undefined) return undefined
  if (isWhole(last.value, Number.MAX_SAFE_INTEGER)) return last.value
  report(last.path, `expected a whole number from 1, received ${show(last.value)}`)
  return undefined
}

export function readAddresses({ given, report }: PartReader): readonly string[] | undefined {
  const last = given.at(-1)
  if (last === undefined) return undefined
  const { value, path } = last
  if (Array.isArray(value) && value.every((entry) => typeof entry === 'string')) return value
  report(path, `expected a list of addresses, CIDR blocks or host names, received ${show(value)}`)
  return undefined
}

export function readClassify({
  given,
  report,
}: PartReader): Pick<ApiSettings, 'overrides' | 'classify'> {
  const overrides: Record<string, AnswerOutcome> = {}
  let classify: ApiSettings['classify'] = null
  for (const { value, path } of given) {
    // Typed where it was passed.
    if (typeof value === 'function') classify = value as ApiSettings['classify']
    else if (!isPlainObject(value)) report(path, `expected a map, received ${show(value)}`)
    else {
      for (const [key, outcome] of Object.entries(value)) {
        const known = answerOutcomes.find((name) => name === outcome)
        if (!isOverrideKey(key)) {
          report(
            [...path, key],
            'expected a status (404), a class (4xx) or the code of an error (HTTP_TIMEOUT)',
          )
        } else if (known === undefined) {
          report([...path, key], `expected ${answerOutcomes.join(', ')}; received ${show(outcome)}`)
        } else overrides[key] = known
      }
    }
  }
  return { overrides, classify }
}

export function readResponse({ given, report }: PartReader): ApiSettings['checkResponse'] {
  const last = given.at(-1)
  if (last === undefined) return null
  const { value: schema, path } = last
  if (isStandardSchema(schema)) return (body) => checkStandardSchema(schema, body, 'response')
  const { value, faults } = copyJson(schema, 'response')
  if (faults.length > 0 || !isJsonObject(value)) {
    report(path, `expected a JSON Schema or a Standard Schema, received ${show(schema)}`)
    return null
  }
  const compiled = compileJsonSchema(value)
  if (compiled.ok) return async (body) => checkWith(compiled.check, body)
  for (const fault of compiled.faults) report(path, fault.message)
  return null
}

function checkWith(
  check: (body: Json) => readonly { readonly path: string; readonly message: string }[],
  body: Json,
): Awaited<ReturnType<NonNullable<ApiSettings['checkResponse']>>> {
  const faults = check(body).map(({ path, message }) => ({
    path: path.replace(/^context/, 'response'),
    message,
  }))
  return faults.length === 0 ? { ok: true, value: body } : { ok: false, faults }
}

export function readProcessResults({ given, report }: PartReader): ApiSettings['processResults'] {
  const last = given.at(-1)
  if (last === undefined) return null
  // Typed where it was passed.
  if (typeof last.value === 'function') return last.value as ApiSettings['processResults']
  report(
    last.path,
    `expected a function, received ${show(last.value)}; ${quote('response')} checks`,
  )
  return null
}

const isWhole = (value: unknown, max: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= max
