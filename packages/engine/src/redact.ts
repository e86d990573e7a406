// What must not reach history, logs and errors: secrets in headers, bodies, addresses and text. Never throws.
// Level 0: imports only json.
import { isJsonList, type Json } from './json.ts'

/** What stands in place of a secret. */
export const redacted = '[REDACTED]'

// `auth`, but not author, authored or authority; authorization and authorisation all the same.
const secretWords =
  'token|secret|passw|passphrase|api[-_]?key|private[-_]?key|credential|cookie|auth(?!or(?!i[sz]))'
const secretName = new RegExp(secretWords, 'i')
const wordEnd = '[^\\s"\',;&<>]'
// `access_token=…`, `"api_key": "…"`, `Authorization: …`, in text of any form, JSON in a text of JSON too. What is in quotes
// ends with them; addresses that are signed open what they name. `auth.ts:12:7` is a place in code. Bounded: a long run of
// groups takes the stack.
const secretPair = new RegExp(
  `((?:${secretWords}|x-(?:amz|goog)-signature|[?&]sig)[\\w.-]{0,64}\\\\{0,7}["']?\\s{0,8}` +
    `(?!(?<=\\.[cm]?[jt]s):\\d{1,7}:\\d)[=:]\\s{0,8})` +
    `(?:(?<escape>\\\\{0,7})(?<quote>["'])(?:(?!(?<!\\\\)\\k<escape>\\k<quote>)[^]){1,100000}` +
    `|(?:(?:Basic|Bearer) )?${wordEnd}+)`,
  'gi',
)
// The whole value of these headers: a scheme, and any number of pairs.
const headerPairs = new RegExp(
  `((?:authori[sz]ation|cookie)["']?\\s{0,8}[=:]\\s{0,8})(?:[a-z][\\w-]{0,31} )?` +
    `${wordEnd}+(?:"[^"\\n]*")?(?:[,;] ?[\\w.$-]{1,64}(?:=(?:"[^"\\n]*"|${wordEnd}*))?){0,1000}`,
  'gi',
)
const secretScheme = new RegExp(`\\b(Basic|Bearer) ${wordEnd}{4,}`, 'gi')
// To the last `@`: a password may hold one.
const userInUrl = /(\b[a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/?#]{1,500}@/gi
// One of these stands in each of them: text without them, as most is, need not be looked through.
const signs = /[=:@ ]/

/** Whether a header, a field or a parameter of this name holds what should not be seen. */
export const isSecretName = (name: string): boolean => secretName.test(name)

/** The same headers, with the values of those that hold secrets replaced. */
export function redactHeaders(
  headers: Readonly<Record<string, string>>,
  secrets: readonly string[] = [],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      isSecretName(name) ? redacted : redactText(value, secrets),
    ]),
  )
}

/** A body with the values of its secret fields replaced, at any depth; below 100 levels nothing is kept. */
export function redactJson(value: Json, secrets: readonly string[] = [], levels = 100): Json {
  if (typeof value === 'string') return redactText(value, secrets)
  if (typeof value !== 'object' || value === null) return value
  if (levels === 0) return redacted
  if (isJsonList(value)) return value.map((part) => redactJson(part, secrets, levels - 1))
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      redactText(name, secrets),
      isSecretName(name) ? redacted : redactJson(part, secrets, levels - 1),
    ]),
  )
}

/**
 * Text without the secrets given, without what follows the name of a secret (`token=…`, `"api_key": "…"`), without
 * `Bearer …`, and without the user in front of a host.
 */
export function redactText(
  text: string,
  secrets: readonly string[] = [],
  mask: string = redacted,
): string {
  const rest = withoutSecrets(text, secrets)
  if (!signs.test(rest)) return rest
  return rest
    .replace(headerPairs, (_, opening: string) => opening + mask)
    .replace(
      secretPair,
      (_, opening: string, escape = '', quote = '') => `${opening}${escape}${quote}${mask}`,
    )
    .replace(secretScheme, (_, scheme: string) => `${scheme} ${mask}`)
    .replace(userInUrl, (_, scheme: string) => `${scheme}${mask}@`)
}

/** A JSON value whose texts, keys included, are changed. */
export function mapTexts(value: Json, change: (text: string) => string): Json {
  if (typeof value === 'string') return change(value)
  if (typeof value !== 'object' || value === null) return value
  if (isJsonList(value)) return value.map((member) => mapTexts(member, change))
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [change(key), mapTexts(member, change)]),
  )
}

/** Where a request goes, without user, query and fragment. Null: it is no URL. */
export function addressOf(url: string | URL): string | null {
  const parsed = typeof url === 'string' ? URL.parse(url) : url
  if (parsed === null) return null
  return `${parsed.protocol}//${parsed.host}${parsed.pathname}`
}

/** Text without the secrets given: as they are, and as they stand in JSON and in addresses. */
const withoutSecrets = (text: string, secrets: readonly string[]): string =>
  withoutForms(text, longestFirst(secrets.flatMap(formsOf)))

/** Text without these, as `longestFirst` has them. */
export const withoutForms = (text: string, forms: readonly string[]): string =>
  forms.reduce((rest, form) => rest.replaceAll(form, redacted), text)

/** One may hold another. */
export const longestFirst = (forms: readonly string[]): readonly string[] =>
  forms.filter((form) => form !== '').toSorted((a, b) => b.length - a.length)

/** A secret as it is, as it stands in paths and queries, and in JSON, in JSON in a text of JSON, and once more. */
export function formsOf(secret: string): readonly string[] {
  const inJson = [secret]
  for (let level = 0; level < 3; level += 1) {
    inJson.push(JSON.stringify(inJson.at(-1)).slice(1, -1))
  }
  return [...new Set([...inJson, encodable(secret), inQuery(secret)])]
}

const inQuery = (text: string): string => new URLSearchParams({ '': text }).toString().slice(1)

const encodable = (text: string): string => encodeURIComponent(text.toWellFormed())
