// Graphs of the twelve shapes of the real traces, made from how many steps stand on each level and how many edges join two
// levels. Names, runtimes and which step waits for which are made up.

export interface Trace {
  readonly tasks: readonly {
    readonly id: string
    readonly depends_on: readonly string[]
    readonly runtime_seconds: number
  }[]
  readonly makespan_seconds: number
}

interface TraceShape {
  /** Steps by level. */
  readonly widths: readonly number[]
  /** From a level, to a level, so many edges. */
  readonly edges: readonly (readonly [from: number, to: number, count: number])[]
}

const next = (counts: readonly number[]): TraceShape['edges'] =>
  counts.map((count, level) => [level, level + 1, count])

const shapes: Readonly<Record<string, TraceShape>> = {
  '1000genome-20ch': {
    widths: [220, 20, 280],
    edges: [...next([200, 280]), [0, 2, 280]],
  },
  '1000genome-2ch': { widths: [22, 2, 28], edges: [...next([20, 28]), [0, 2, 28]] },
  'bwa-large': { widths: [2, 1000, 2], edges: next([2000, 2000]) },
  'bwa-small': { widths: [2, 100, 2], edges: next([200, 200]) },
  'cycles-1l-1c': { widths: [16, 32, 17, 2], edges: next([32, 48, 17]) },
  'epigenomics-2seq': {
    widths: [2, 54, 54, 54, 54, 2, 1, 1, 1],
    edges: next([54, 54, 54, 54, 54, 2, 1, 1]),
  },
  'helloworld-forkjoin-10': { widths: [1, 8, 1], edges: next([8, 8]) },
  'montage-015d': {
    widths: [48, 198, 3, 3, 48, 3, 3, 4],
    edges: [...next([396, 198, 3, 48, 48, 3, 6]), [0, 4, 48], [4, 6, 48]],
  },
  'seismology-400p': { widths: [400, 1], edges: next([400]) },
  'smrnaseq-dirt02': {
    widths: [29, 18, 2, 16, 17, 25, 40, 32, 18],
    edges: [
      ...next([18, 2, 16, 24, 25, 40, 32, 32]),
      ...([
        [0, 3, 8],
        [0, 5, 8],
        [0, 8, 25],
        [1, 3, 8],
        [1, 4, 1],
        [1, 6, 8],
        [1, 7, 8],
      ] as const),
      ...([
        [2, 4, 8],
        [4, 6, 24],
        [4, 8, 1],
        [5, 7, 24],
        [6, 8, 32],
      ] as const),
    ],
  },
  'soykb-10fastq': {
    widths: [5, 5, 5, 5, 5, 5, 50, 11, 1, 2, 2],
    edges: [...next([5, 5, 5, 5, 5, 50, 100, 10, 2, 2]), [3, 5, 5]],
  },
  'srasearch-10a': { widths: [11, 10, 1], edges: next([20, 10]) },
}

/** By name. The same on every call. */
export function generateTraces(): ReadonlyMap<string, Trace> {
  return new Map(Object.entries(shapes).map(([name, shape]) => [name, generate(shape)]))
}

function generate({ widths, edges }: TraceShape): Trace {
  const idOf = (level: number, place: number): string => `level_${level}_step_${place}`
  const parentsOf = new Map<string, Set<string>>()
  for (const [from, to, count] of edges) {
    const [fromWidth = 1, toWidth = 1] = [widths[from], widths[to]]
    for (let edge = 0; edge < count; edge += 1) {
      const child = idOf(to, edge % toWidth)
      const parents = parentsOf.get(child) ?? new Set()
      parentsOf.set(child, parents.add(idOf(from, Math.floor((edge * fromWidth) / count))))
    }
  }
  const ids = widths.flatMap((width, level) =>
    Array.from({ length: width }, (_, place) => idOf(level, place)),
  )
  const tasks = ids.map((id, index) => ({
    id,
    depends_on: [...(parentsOf.get(id) ?? [])],
    runtime_seconds: ((index * 37) % 97) / 8,
  }))
  // As on one machine that runs one step at a time: no way through the graph takes longer.
  const makespan = tasks.reduce((sum, { runtime_seconds: seconds }) => sum + seconds, 0)
  return { tasks, makespan_seconds: makespan }
}
