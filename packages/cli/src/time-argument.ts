// An instant on the command line: a date, or a time with its zone.
import { InvalidArgumentError } from 'commander'

const shape = /^(\d{4}-\d\d-\d\d)(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:\d\d))?$/

/** `2026-11-21` (midnight in UTC), `2026-11-21T03:10:00Z`, `2026-11-21T03:10+01:00`; a space may stand for the T. */
export function readTime(text: string): Date {
  const [, day = ''] = shape.exec(text) ?? []
  const time = new Date(text.replace(' ', 'T'))
  if (isDay(day) && !Number.isNaN(time.getTime())) return time
  throw new InvalidArgumentError(
    'Expected a date or a time with its zone, such as 2026-11-21 or 2026-11-21T03:10Z.',
  )
}

/** The engine of JavaScript takes 30 February for 2 March. */
function isDay(day: string): boolean {
  const midnight = new Date(`${day}T00:00:00Z`)
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day)
}
