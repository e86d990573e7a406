// The header Retry-After, in every legal form (RFC 9110 §10.2.3 and §5.6.7): seconds, or a date in one of three spellings.
// Pure. What is not legal asks for nothing.
import type { HttpResponse } from './model.ts'

/** No wait is longer: what a server asks for is capped by the configuration long before. */
const waitMaxMs = Number.MAX_SAFE_INTEGER

/**
 * Milliseconds until the server wants to be asked again; null when it did not say, not legally, or named no time to come:
 * then the ladder decides, so that a server that says "0" each time cannot use up all attempts in one moment.
 *
 * A date is compared with the server's own `Date` where it sent one, because the two clocks may differ, else with `nowMs`.
 */
export function retryAfterMs(headers: HttpResponse['headers'], nowMs: number): number | null {
  const said = headers['retry-after']?.trim()
  if (said === undefined) return null
  if (/^\d+$/.test(said)) return timeToCome(Number(said) * 1_000)
  const at = parseHttpDate(said, nowMs)
  if (at === null) return null
  return timeToCome(at - (parseHttpDate(headers['date']?.trim() ?? '', nowMs) ?? nowMs))
}

const timeToCome = (ms: number): number | null => (ms > 0 ? Math.min(ms, waitMaxMs) : null)

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const month = `(?<month>${months.join('|')})`
const time = '(?<hours>\\d\\d):(?<minutes>\\d\\d):(?<seconds>\\d\\d)'
const shortDay = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)'
const longDay = '(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)'

const dateForms: readonly RegExp[] = [
  // Sun, 06 Nov 1994 08:49:37 GMT
  new RegExp(`^${shortDay}, (?<day>\\d\\d) ${month} (?<year>\\d{4}) ${time} GMT$`),
  // Sunday, 06-Nov-94 08:49:37 GMT
  new RegExp(`^${longDay}, (?<day>\\d\\d)-${month}-(?<shortYear>\\d\\d) ${time} GMT$`),
  // Sun Nov  6 08:49:37 1994
  new RegExp(`^${shortDay} ${month} (?<day>\\d\\d| \\d) ${time} (?<year>\\d{4})$`),
]

/** Milliseconds since 1970, or null when it is no date of HTTP. `nowMs` gives a year of two digits its century. */
export function parseHttpDate(text: string, nowMs: number): number | null {
  for (const form of dateForms) {
    const groups = form.exec(text)?.groups
    if (groups !== undefined) return instantOf(groups, nowMs)
  }
  return null
}

type Groups = Readonly<Record<string, string | undefined>>

function instantOf(groups: Groups, nowMs: number): number | null {
  const part = (name: string): number => Number(groups[name] ?? 0)
  const { shortYear } = groups
  const year = shortYear === undefined ? part('year') : fullYear(Number(shortYear), nowMs)
  const monthIndex = months.indexOf(groups['month'] ?? '')
  const [hours, minutes, seconds] = [part('hours'), part('minutes'), part('seconds')]
  // A leap second is legal; Date counts it as the next one.
  if (hours > 23 || minutes > 59 || seconds > 60) return null
  const date = new Date(0)
  date.setUTCFullYear(year, monthIndex, part('day'))
  if (date.getUTCMonth() !== monthIndex || date.getUTCDate() !== part('day')) return null
  return date.getTime() + ((hours * 60 + minutes) * 60 + seconds) * 1_000
}

/** A year that would lie more than 50 years ahead is the most recent one with these digits. */
function fullYear(digits: number, nowMs: number): number {
  const thisYear = new Date(nowMs).getUTCFullYear()
  const year = thisYear - (thisYear % 100) + digits
  if (year > thisYear + 50) return year - 100
  return year <= thisYear - 50 ? year + 100 : year
}
