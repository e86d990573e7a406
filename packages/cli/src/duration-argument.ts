// A length of time on the command line: a number and a unit, `90m`, `12h`, `30d`, `2w`.
import { InvalidArgumentError } from 'commander'

const unitsMs: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/** Milliseconds. */
export function readDuration(text: string): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)([smhdw])$/.exec(text.trim()) ?? []
  const unitMs = unitsMs[unit]
  if (amount !== undefined && unitMs !== undefined) return Number(amount) * unitMs
  throw new InvalidArgumentError(
    'Expected a number and a unit (s, m, h, d, w), such as 12h or 30d.',
  )
}
