// Real workflow graphs (execution traces of scientific workflows) where they stand beside the repository; otherwise, and
// said aloud, generated graphs of the same size and kind.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

export interface RealGraph {
  readonly name: string
  /** False: generated, because the traces are not there. */
  readonly isReal: boolean
  readonly steps: readonly { readonly name: string; readonly dependsOn: readonly string[] }[]
}

const folder = join(import.meta.dirname, '../../../../../shared/data/wfinstances')

const trace = z.object({
  tasks: z.array(z.object({ id: z.string(), depends_on: z.array(z.string()) })),
})

/** Names and sizes of the traces, for graphs to stand in for them. */
const sizes: Readonly<Record<string, number>> = {
  'helloworld-forkjoin-10': 10,
  'srasearch-10a': 22,
  '1000genome-2ch': 52,
  'cycles-1l-1c': 67,
  'soykb-10fastq': 96,
  'bwa-small': 104,
  'smrnaseq-dirt02': 197,
  'epigenomics-2seq': 223,
  'montage-015d': 310,
}

/** Graphs of at most `stepsMax` steps, smallest first. */
export function readRealGraphs(stepsMax: number): readonly RealGraph[] {
  const graphs = existsSync(folder) ? readTraces() : generateGraphs()
  return graphs
    .filter(({ steps }) => steps.length <= stepsMax)
    .toSorted((a, b) => a.steps.length - b.steps.length)
}

function readTraces(): readonly RealGraph[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'))
  return files.map((file) => {
    const { tasks } = trace.parse(JSON.parse(readFileSync(join(folder, file), 'utf8')))
    const steps = tasks.map(({ id, depends_on }) => ({ name: id, dependsOn: depends_on }))
    return { name: file.replace(/\.json$/, ''), isReal: true, steps }
  })
}

function generateGraphs(): readonly RealGraph[] {
  console.warn(
    '\n*** The real workflow graphs are not here: generated ones of their size are used ***\n',
  )
  return Object.entries(sizes).map(([name, size]) => ({
    name,
    isReal: false,
    steps: forkJoins(size),
  }))
}

/** Forks and joins in a row, as in the traces: a step, up to 50 that depend on it, one that joins them, and so on. */
function forkJoins(size: number): RealGraph['steps'] {
  const steps: { name: string; dependsOn: readonly string[] }[] = []
  const add = (dependsOn: readonly string[]): string => {
    const name = `step_${steps.length}`
    steps.push({ name, dependsOn })
    return name
  }
  let join = add([])
  while (steps.length < size) {
    const width = Math.min(50, size - steps.length)
    const from = join
    const fork = Array.from({ length: width }, () => add([from]))
    if (steps.length < size) join = add(fork)
  }
  return steps
}
