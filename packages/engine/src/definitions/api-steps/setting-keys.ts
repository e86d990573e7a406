// The keys of an API step's settings, as they are spelled in code and in YAML, and what those of the first generation and of
// other products became here. What the values may be is read-settings.ts.
import { didYouMean, quote } from '../names.ts'

/** By their spelling in code; in YAML snake_case. */
export const settingKeys = [
  'baseUrl',
  'path',
  'method',
  'query',
  'headers',
  'body',
  'timeouts',
  'redirects',
  'responseMaxBytes',
  'tls',
  'proxy',
  'allowedAddresses',
  'classify',
  'response',
  'processResults',
] as const
export type SettingKey = (typeof settingKeys)[number]

/** Names of the first generation, and near ones, that mean the same. */
const synonyms: Readonly<Record<string, SettingKey>> = {
  url: 'baseUrl',
  params: 'query',
  responseSchema: 'response',
}

/** What is not an API step's to say, with the place where it is said. */
const elsewhere: Readonly<Record<string, string>> = {
  ssl: 'write `tls`: ca, cert and key as PEM text, reject_unauthorized, servername',
  retryDelay:
    'remove it: it had no effect; waits between attempts are `backoff.defaultBackoffSeconds`',
  jitterFactor: 'remove it: it had no effect; jitter is `backoff.jitterMaxPercentage`',
  timeout: 'write `timeouts` with connect_ms, total_ms and idle_ms',
  timeoutMs:
    'write `timeouts` with connect_ms, total_ms and idle_ms; `timeout_ms` of the step bounds the attempt',
  timeoutSeconds:
    'write `timeouts` with connect_ms, total_ms and idle_ms; that of the step bounds the attempt',
  retries:
    'write `default_retry_limit` (in code `retry.limit`) of the step: the engine alone tries again',
  retry:
    'write `default_retry_limit` (in code `retry.limit`) of the step: the engine alone tries again',
  auth: 'write `headers: { authorization: "Bearer ${secret:NAME}" }`',
  maxConcurrentRequests: 'it is of the system: `dependentSystems.<name>` of createTasker',
  rateLimitPerSecond: 'it is of the system: `dependentSystems.<name>` of createTasker',
  circuitBreaker: 'it is of the system: `dependentSystems.<name>` of createTasker',
  dependentSystems:
    'name one with `dependent_system` of the step; its limits are `dependentSystems` of createTasker',
  dependentSystem: 'it is of the step, beside `handler_config`',
}

export type KeyReading =
  | { readonly kind: 'setting'; readonly key: SettingKey }
  | { readonly kind: 'passed' }
  | { readonly kind: 'fault'; readonly message: string }

/** What a key means. `passed`: it is right and says nothing new. */
export function readKey(written: string, value: unknown): KeyReading {
  const name = camelCase(written)
  const key = settingKeys.find((known) => known === name) ?? ownMember(synonyms, name)
  if (key !== undefined) return { kind: 'setting', key }
  if (written.startsWith('x-')) return { kind: 'passed' } // the author's own
  if (name === 'type') {
    return value === 'api' ? { kind: 'passed' } : fault('expected "api", the type of an API step')
  }
  if (name === 'enableExponentialBackoff') {
    return value === true || value === null
      ? { kind: 'passed' }
      : fault('waits between attempts always grow; `backoff.defaultBackoffSeconds` says how')
  }
  const cure = ownMember(elsewhere, name)
  if (cure !== undefined) return value === null ? { kind: 'passed' } : fault(cure)
  if (value === null) return { kind: 'passed' } // how a step takes out what the file's configuration says for all
  const known = written.includes('_') ? settingKeys.map(snakeCase) : settingKeys
  return fault(`${quote(written)} is not a known key here${didYouMean(written, known)}`)
}

/** `base_url` → `baseUrl`. */
export const camelCase = (name: string): string =>
  name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())

const snakeCase = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

const fault = (message: string): KeyReading => ({ kind: 'fault', message })

const ownMember = <Value>(map: Readonly<Record<string, Value>>, key: string): Value | undefined =>
  Object.hasOwn(map, key) ? map[key] : undefined
