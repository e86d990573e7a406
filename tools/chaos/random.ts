// Chance from a seed: everything that a scenario draws comes from here, so that its seed repeats it.

export interface Random {
  /** Uniform in [0, 1). */
  next(): number
  /** A whole number, `from` to `to`, both included. */
  between(from: number, to: number): number
  pick<T>(items: readonly [T, ...T[]]): T
  pick<T>(items: readonly T[]): T | undefined
  /** A generator of its own, so that what one part draws does not move what another one draws. */
  fork(): Random
}

/** Mulberry32: small, seeded, good enough to choose whom to kill. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1))
  return {
    next,
    between,
    // An item of a list that is not empty; the overloads say what comes of one that may be.
    pick: <T>(items: readonly T[]): T => items[between(0, items.length - 1)] as T,
    fork: () => randomFrom(between(0, 0x7fff_ffff)),
  }
}
