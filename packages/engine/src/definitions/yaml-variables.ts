// `${VAR}` and `${VAR:-default}` in string values, from variables that are passed in. `$${VAR}` is the text itself, and
// `${secret:NAME}` stays for whoever reads secrets. Pure.
import type { Json } from '../json.ts'
import { secretForm } from './api-steps/template.ts'

/** Environment variables by name. */
export type Variables = Readonly<Record<string, string | undefined>>

/** Called for each variable that is neither set nor given a default, with the place of the string. */
export type ReportVariable = (path: readonly (string | number)[], message: string) => void

const pattern = /\$?\$\{([^}]*)\}/g
const form = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s

/** Whether a value is a string that names a variable. */
export function hasVariable(value: Json): value is string {
  return typeof value === 'string' && value.includes('${')
}

/** What stands in `${…}` in its texts; the name of a variable up to `:-`. */
export const variablesIn = (value: Json): readonly string[] =>
  [...JSON.stringify(value).matchAll(pattern)].map(
    ([, inner = '']) => inner.split(':-', 1)[0] ?? '',
  )

/** The value with every variable in it filled in. Keys of maps stay as they are. */
export function fillVariables(
  value: Json,
  variables: Variables,
  report: ReportVariable,
  path: readonly (string | number)[] = [],
): Json {
  if (typeof value === 'string') {
    return hasVariable(value) ? fillText(value, variables, (fault) => report(path, fault)) : value
  }
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) {
    return value.map((member: Json, index) =>
      fillVariables(member, variables, report, [...path, index]),
    )
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, member]: [string, Json]) => [
      key,
      fillVariables(member, variables, report, [...path, key]),
    ]),
  )
}

function fillText(text: string, variables: Variables, report: (message: string) => void): string {
  return text.replaceAll(pattern, (found, inner: string) => {
    if (found.startsWith('$$')) return found.slice(1)
    if (secretForm.test(found)) return found
    const [, name, otherwise] = form.exec(inner) ?? []
    if (name === undefined) {
      report(
        `${found} is not a variable; write \${NAME} or \${NAME:-default}, or $${found} as text`,
      )
      return found
    }
    const set = Object.hasOwn(variables, name) ? variables[name] : undefined
    // As in a shell, `:-` also replaces an empty value.
    if (otherwise !== undefined) return set === undefined || set === '' ? otherwise : set
    if (set !== undefined) return set
    report(`the variable ${name} is not set; set it, or write \${${name}:-default}`)
    return found
  })
}
