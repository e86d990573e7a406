// How often properties are tried and from which seed: TASKER_RUNS and TASKER_SEED, read here and nowhere else in tests.
const numberFrom = (name: string): number | null => {
  const value = Number(process.env[name] ?? Number.NaN)
  return Number.isSafeInteger(value) ? value : null
}

/** In CI every run tries the same: a change is judged by itself. Elsewhere each run tries something new. */
const seedInCi = 20_301_231

export interface Runs {
  readonly numRuns: number
  readonly seed: number
}

/** Prints the seed, so that any run can be repeated. */
export function runs(usual: number): Runs {
  const seed = numberFrom('TASKER_SEED') ?? usualSeed()
  const numRuns = numberFrom('TASKER_RUNS') ?? usual
  console.info(`${numRuns} runs from TASKER_SEED=${seed}`)
  return { numRuns, seed }
}

const usualSeed = (): number =>
  process.env['CI'] === 'true' ? seedInCi : Math.trunc(Math.random() * 0x7fff_ffff)
