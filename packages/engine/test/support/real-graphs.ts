// Real workflow graphs (execution traces of scientific workflows) where they stand beside the repository; otherwise, and
// said aloud, generated graphs of the same shapes. In CI their absence is a fault.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { generateTraces, type Trace } from './trace-shapes.ts'

export interface RealGraph {
  readonly name: string
  /** False: generated, because the traces are not there. */
  readonly isReal: boolean
  readonly steps: readonly { readonly name: string; readonly dependsOn: readonly string[] }[]
  /** The same with recorded times, as the file has it. */
  readonly trace: Trace
}

const folder = join(import.meta.dirname, '../../../../../shared/data/wfinstances')

const traceFile = z.object({
  tasks: z.array(
    z.object({ id: z.string(), depends_on: z.array(z.string()), runtime_seconds: z.number() }),
  ),
  makespan_seconds: z.number(),
})

/** Graphs of at most `stepsMax` steps, smallest first. */
export function readRealGraphs(stepsMax = Number.POSITIVE_INFINITY): readonly RealGraph[] {
  const graphs = existsSync(folder) ? readTraces() : generateGraphs()
  return graphs
    .filter(({ steps }) => steps.length <= stepsMax)
    .toSorted((a, b) => a.steps.length - b.steps.length)
}

function readTraces(): readonly RealGraph[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'))
  return files.map((file) => {
    const trace = traceFile.parse(JSON.parse(readFileSync(join(folder, file), 'utf8')))
    return graphOf(file.replace(/\.json$/, ''), trace, true)
  })
}

function generateGraphs(): readonly RealGraph[] {
  const notice = 'The real workflow graphs are not here'
  if (process.env['CI'] === 'true') throw new Error(`${notice}, and CI must not do without them.`)
  console.warn(`\n*** ${notice}: generated ones of their shapes are used ***\n`)
  return [...generateTraces()].map(([name, trace]) => graphOf(name, trace, false))
}

function graphOf(name: string, trace: Trace, isReal: boolean): RealGraph {
  const steps = trace.tasks.map(({ id, depends_on }) => ({ name: id, dependsOn: depends_on }))
  return { name, isReal, steps, trace }
}
