// Why steps failed, beyond the line that the table has: what the other system said, what was behind it, and where in the
// application it happened.
import { errorBrief, errorLine, plainText, type Json, type StepRow } from '@tasker/engine'
import { cut } from './columns.ts'
import type { Paint } from './terminal.ts'

/** Empty: nothing is known beyond the table. */
export function formatErrors(
  steps: readonly StepRow[],
  { paint, width }: { readonly paint: Paint; readonly width: number },
): string {
  return steps
    .flatMap(({ name, error }) => {
      const details = detailsOf(error)
      const brief = errorBrief(error)
      if (brief === null || details.length === 0) return []
      const { cause: _cause, ...head } = brief
      const lines = details.map(
        ([what, text]) => `    ${what.padEnd(labelWidth)}${plainText(text)}`,
      )
      return [
        paint.red(cut(`  ${plainText(`${name}: ${errorLine(head)}`)}`, width)),
        ...lines.map((line) => cut(line, width)),
      ]
    })
    .join('\n')
}

const labelWidth = 'caused by  '.length
const framesMax = 3

type Detail = readonly [what: string, text: string]

function detailsOf(error: Json): readonly Detail[] {
  const list = (key: string): readonly Json[] => {
    const value = memberOf(error, key)
    return Array.isArray(value) ? (value as readonly Json[]) : [] // any[] from isArray
  }
  const frames = list('stack').filter((frame) => typeof frame === 'string')
  return [
    ...httpOf(memberOf(error, 'http')),
    ...list('errors').map((inner): Detail => ['one of', placed(inner)]),
    ...list('causes').map((cause): Detail => ['caused by', placed(cause)]),
    ...frames.slice(0, framesMax).map((frame): Detail => ['at', frame]),
  ]
}

function httpOf(http: Json): readonly Detail[] {
  if (http === null) return []
  const said = ['method', 'url', 'status'].flatMap((key) => {
    const value = memberOf(http, key)
    return typeof value === 'string' || typeof value === 'number' ? [String(value)] : []
  })
  return said.length === 0 ? [] : [['http', said.join(' ')]]
}

function placed(inner: Json): string {
  const brief = errorBrief(inner)
  const at = memberOf(inner, 'at')
  const line = brief === null ? '' : errorLine(brief)
  return typeof at === 'string' ? `${line} (${at})` : line
}

function memberOf(value: Json, key: string): Json {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return null
  const member: unknown = Reflect.get(value, key)
  return member as Json // an own member of a JSON value is JSON
}
