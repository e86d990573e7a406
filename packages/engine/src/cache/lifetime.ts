// How long an answer is kept: longer when it is asked for often, found again and dear to make, shorter when not; and how what is
// known of a key grows with what was seen of it. Pure.

/** What is known of a key. 0 stands for nothing known, which changes no lifetime. */
export interface KeyFacts {
  /** Share of the accesses that found an answer, recent ones weighing more: 0 to 1. */
  readonly hitRate: number
  /** What making it takes, recent ones weighing more. */
  readonly generationSeconds: number
  readonly accessesPerMinute: number
}

export interface LifetimeBounds {
  readonly minSeconds: number
  readonly maxSeconds: number
}

/** What happened to a key in some time. */
export interface Seen {
  /** Accesses that nothing was made for. */
  readonly hits: number
  /** Accesses that it was made for. */
  readonly misses: number
  /** What making it took, all together. */
  readonly generationMs: number
}

export interface Learning {
  /** Weight of the past at an access: 0 to 1. */
  readonly smoothing: number
  /** What a second leaves of the weight of the past, in accesses per minute: 0 to 1. */
  readonly decayPerSecond: number
}

export const nothingKnown: KeyFacts = { hitRate: 0, generationSeconds: 0, accessesPerMinute: 0 }
export const nothingSeen: Seen = { hits: 0, misses: 0, generationMs: 0 }

/** Whole seconds, within the bounds. The numbers are the first generation's. */
export function adaptedSeconds(
  baseSeconds: number,
  { hitRate, generationSeconds, accessesPerMinute }: KeyFacts,
  { minSeconds, maxSeconds }: LifetimeBounds,
): number {
  const seconds =
    baseSeconds *
    factor(hitRate, { above: 0.8, longer: 1.5, below: 0.3, shorter: 0.7 }) *
    factor(generationSeconds, { above: 1, longer: 1.3, below: 0.1, shorter: 0.8 }) *
    factor(accessesPerMinute, { above: 100, longer: 1.2, below: 5, shorter: 0.9 })
  return Math.min(Math.max(Math.floor(seconds), minSeconds), maxSeconds)
}

interface Steps {
  readonly above: number
  readonly longer: number
  readonly below: number
  readonly shorter: number
}

function factor(value: number, { above, longer, below, shorter }: Steps): number {
  if (value > above) return longer
  return value > 0 && value < below ? shorter : 1
}

/**
 * What is known after `seen` happened within `elapsedMs`: the same as access by access, when hits and misses were spread evenly.
 * The time that making takes changes with misses only. What nothing was known of, the first sets: beginning at 0, as in the first
 * generation, made seldom used answers look as if they were never found again (a third more time to make them, bench:cache).
 */
export function learnt(
  facts: KeyFacts,
  { hits, misses, generationMs }: Seen,
  elapsedMs: number,
  { smoothing, decayPerSecond }: Learning,
): KeyFacts {
  const accesses = hits + misses
  const past = facts.hitRate === 0 ? 0 : smoothing ** accesses
  const generated = misses === 0 ? 0 : generationMs / misses / 1_000
  const pastGenerations = facts.generationSeconds === 0 ? 0 : smoothing ** misses
  return {
    hitRate: accesses === 0 ? facts.hitRate : mixed(facts.hitRate, hits / accesses, past),
    generationSeconds:
      misses === 0
        ? facts.generationSeconds
        : mixed(facts.generationSeconds, generated, pastGenerations),
    accessesPerMinute:
      elapsedMs <= 0
        ? facts.accessesPerMinute
        : mixed(
            facts.accessesPerMinute,
            (60_000 * accesses) / elapsedMs,
            decayPerSecond ** (elapsedMs / 1_000),
          ),
  }
}

const mixed = (past: number, now: number, weightOfPast: number): number =>
  past * weightOfPast + now * (1 - weightOfPast)

export const together = (one: Seen, other: Seen): Seen => ({
  hits: one.hits + other.hits,
  misses: one.misses + other.misses,
  generationMs: one.generationMs + other.generationMs,
})
