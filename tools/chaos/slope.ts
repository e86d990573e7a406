// Whether something grows that should stand still: a test for a trend in noisy readings, taken at even distances. Theil–Sen:
// the slope is the median of the slopes between all pairs of readings, so that a checkpoint, a pause of the machine or a
// neighbour's burst, in up to a quarter of the readings, does not tilt it as it tilts a line of least squares. Beside it stands
// the lower end of its 99 % confidence interval (Sen 1968): growth is a fault only as far as chance does not explain it.

export interface Trend {
  readonly mean: number
  /** From the first reading to the last, along the slope. */
  readonly drift: number
  /** The drift that chance leaves room for, at least: negative when there may be none. */
  readonly driftAtLeast: number
}

/** Of the normal distribution: 99 % lie within. */
const z99 = 2.576

/** @throws for fewer than eight readings: of those nothing can be said. */
export function trendOf(readings: readonly number[]): Trend {
  const count = readings.length
  if (count < 8) throw new Error(`${count} readings are too few for a trend`)
  const slopes = slopesBetween(readings).toSorted((a, b) => a - b)
  const deviation = z99 * Math.sqrt((count * (count - 1) * (2 * count + 5)) / 18)
  const lowest = Math.max(0, Math.floor((slopes.length - deviation) / 2))
  const distance = count - 1
  return {
    mean: readings.reduce((sum, reading) => sum + reading, 0) / count,
    drift: median(slopes) * distance,
    driftAtLeast: (slopes[lowest] ?? 0) * distance,
  }
}

function slopesBetween(readings: readonly number[]): readonly number[] {
  return readings.flatMap((from, first) =>
    readings.slice(first + 1).map((to, index) => (to - from) / (index + 1)),
  )
}

function median(sorted: readonly number[]): number {
  const middle = sorted.length / 2
  const upper = sorted[Math.floor(middle)] ?? 0
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? 0) + upper) / 2 : upper
}
