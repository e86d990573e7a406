// What may be shown of a handler's configuration, by an allow-list: it may hold addresses, headers and keys of other systems, and
// who may see a definition need not know them. Every key stays, so that readers know what is set. Pure.
import type { Json, JsonObject } from '../json.ts'
import { redacted } from '../redact.ts'
import { camelCase } from './api-steps/setting-keys.ts'
import { isJsonObject } from './json-value.ts'

/** A value that may be shown, by the key it stands under, in either spelling; of all others nothing but the key. */
const shown: Readonly<Record<string, (value: Json) => Json>> = {
  type: word,
  method: word,
  baseUrl: origin,
  url: origin,
  timeouts: limits,
  redirects: limits,
  responseMaxBytes: limits,
}

export function shownConfiguration(configuration: JsonObject | null): JsonObject | null {
  if (configuration === null) return null
  return Object.fromEntries(
    Object.entries(configuration).map(([key, value]): [string, Json] => {
      const name = camelCase(key)
      const show = Object.hasOwn(shown, name) ? shown[name] : undefined
      return [key, value === null ? null : (show?.(value) ?? redacted)]
    }),
  )
}

function word(value: Json): Json {
  return typeof value === 'string' && /^[A-Za-z]{1,16}$/.test(value) ? value : redacted
}

/** Which system it is; a path may be a secret, as that of a webhook. */
function origin(value: Json): Json {
  const url = typeof value === 'string' ? URL.parse(value) : null
  return url !== null && /^https?:$/.test(url.protocol) && !url.host.includes('$')
    ? `${url.protocol}//${url.host}`
    : redacted
}

/** Numbers and switches, alone or by name. */
function limits(value: Json): Json {
  if (typeof value === 'number' || typeof value === 'boolean') return value
  if (!isJsonObject(value)) return redacted
  return Object.fromEntries(
    Object.entries(value).map(([key, limit]) => [
      key,
      typeof limit === 'number' || typeof limit === 'boolean' ? limit : redacted,
    ]),
  )
}
