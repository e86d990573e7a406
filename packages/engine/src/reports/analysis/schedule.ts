// When each step of a graph can start at the earliest, and how much later without harm: the longest path in time, the slack of
// each step, and what the path would gain without a step. Each is one pass over the graph, or a few. Pure.

/** Steps by place, parents before children. */
export interface TimedGraph {
  readonly parents: readonly (readonly number[])[]
  readonly children: readonly (readonly number[])[]
  /** What each step takes: whole numbers of one unit, so that sums are exact. */
  readonly durations: readonly number[]
}

/** In the unit of the durations. */
export interface Schedule {
  readonly total: number
  /** Places of the longest path, up to the last step that adds something. Of equals the parent, and the end, that comes first. */
  readonly criticalPath: readonly number[]
  readonly earliestStart: readonly number[]
  /** How much longer a step could take, or later begin, without the whole taking longer. */
  readonly slack: readonly number[]
}

export interface Gain {
  readonly place: number
  /** How much shorter the longest path would be if the step took no time. */
  readonly gain: number
}

/** Of the steps of the critical path, so many are looked at, the longest first. */
const lookedAtMax = 10

export function scheduleOf(graph: TimedGraph): Schedule {
  const { earliestStart, criticalParent } = startsOf(graph)
  const tails = tailsOf(graph)
  const through = tails.map((tail, place) => (earliestStart[place] ?? 0) + tail)
  const total = maxOf(through)
  const ends = endsOf(graph, earliestStart)
  const criticalPath: number[] = []
  for (let at = ends.indexOf(maxOf(ends)); at >= 0; at = criticalParent[at] ?? -1)
    criticalPath.push(at)
  return {
    total,
    criticalPath: criticalPath.toReversed(),
    earliestStart,
    slack: through.map((ms) => total - ms),
  }
}

/**
 * The steps of the critical path whose absence would gain most, the greatest gain first. A path without the step either
 * lies beside it in the order of the graph, so it passes over its place by one edge, or ends before or begins behind it.
 */
export function gainsOf(graph: TimedGraph, { total, criticalPath, ...schedule }: Schedule): Gain[] {
  const { durations, children } = graph
  const ends = endsOf(graph, schedule.earliestStart)
  const tails = tailsOf(graph)
  const looked = criticalPath
    .filter((place) => (durations[place] ?? 0) > 0)
    .toSorted((a, b) => (durations[b] ?? 0) - (durations[a] ?? 0) || a - b)
    .slice(0, lookedAtMax)
  return looked
    .map((place) => {
      let beside = total - (durations[place] ?? 0)
      for (let from = 0; from < place; from += 1) {
        const end = ends[from] ?? 0
        beside = Math.max(beside, end)
        for (const to of children[from] ?? [])
          if (to > place) beside = Math.max(beside, end + (tails[to] ?? 0))
      }
      for (let to = place + 1; to < tails.length; to += 1) beside = Math.max(beside, tails[to] ?? 0)
      return { place, gain: total - beside }
    })
    .toSorted((a, b) => b.gain - a.gain || a.place - b.place)
}

function startsOf({ parents, durations }: TimedGraph) {
  const earliestStart: number[] = []
  const criticalParent: number[] = []
  for (const [place, before] of parents.entries()) {
    let start = 0
    let last = before[0] ?? -1
    for (const parent of before) {
      const end = (earliestStart[parent] ?? 0) + (durations[parent] ?? 0)
      if (end <= start) continue
      start = end
      last = parent
    }
    earliestStart[place] = start
    criticalParent[place] = last
  }
  return { earliestStart, criticalParent }
}

const endsOf = ({ durations }: TimedGraph, starts: readonly number[]): readonly number[] =>
  starts.map((start, place) => start + (durations[place] ?? 0))

/** The longest way from the start of each step to a leaf. */
function tailsOf({ children, durations }: TimedGraph): readonly number[] {
  const tails = durations.map(() => 0)
  for (let place = tails.length - 1; place >= 0; place -= 1) {
    let behind = 0
    for (const child of children[place] ?? []) behind = Math.max(behind, tails[child] ?? 0)
    tails[place] = (durations[place] ?? 0) + behind
  }
  return tails
}

const maxOf = (values: readonly number[]): number =>
  values.reduce((max, value) => Math.max(max, value), 0)
