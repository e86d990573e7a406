// One chart of each workload as SVG: steps per second as bars with their range over the rounds, or for latency the p50 and p99
// of the five steps. Drawn by Vega in plain Node.
import { parse, View } from 'vega'
import { compile, type TopLevelSpec } from 'vega-lite'
import { medianOf } from './figures.ts'
import type { PeersDocument, PeersWorkload } from './peers-document.ts'

interface Bar {
  readonly subject: string
  readonly figure: string
  readonly median: number
  readonly min: number
  readonly max: number
  readonly isOurs: boolean
}

/** What is drawn of each kind of workload. */
const drawn = {
  throughput: { figures: { stepsPerSecond: 'steps/s' }, title: 'steps per second, more is better' },
  latency: {
    figures: { taskMsP50: 'p50', taskMsP99: 'p99' },
    title: 'milliseconds for the five steps, less is better',
  },
} as const
const chartWidth = 520
const ours = '#1f6feb'
const others = '#9aa4b2'

/** SVG text by workload. Subjects that failed have no bar; the page says why. */
export async function drawCharts(document: PeersDocument): Promise<ReadonlyMap<string, string>> {
  const charts = new Map<string, string>()
  for (const workload of document.workloads) {
    charts.set(workload.name, await draw(specOf(workload, barsOf(document, workload))))
  }
  return charts
}

export function barsOf(document: PeersDocument, workload: PeersWorkload): readonly Bar[] {
  return workload.results.flatMap(({ subject, rounds }) =>
    Object.entries(drawn[workload.kind].figures).flatMap(([name, figure]) => {
      const middle = medianOf(rounds.flatMap((figures) => figures?.[name] ?? []))
      const title = document.subjects.find((one) => one.name === subject)?.title ?? subject
      return middle === null
        ? []
        : [{ subject: title, figure, ...middle, isOurs: subject === 'tasker' }]
    }),
  )
}

function specOf(workload: PeersWorkload, bars: readonly Bar[]): TopLevelSpec {
  const { title } = drawn[workload.kind]
  const isLatency = workload.kind === 'latency'
  const y = { field: 'subject', type: 'nominal', title: null, sort: inOrder(bars, isLatency) }
  const yOffset = isLatency ? { yOffset: { field: 'figure' } } : {}
  const opacity = isLatency
    ? { opacity: { field: 'figure', type: 'ordinal', title: null, scale: { range: [1, 0.55] } } }
    : {}
  const spec = {
    width: chartWidth,
    height: { step: isLatency ? 14 : 26 },
    background: 'white',
    title: { text: `${workload.name}: ${workload.what}`, anchor: 'start', subtitle: title },
    data: { values: bars },
    encoding: { y, ...yOffset },
    layer: [
      {
        mark: { type: 'bar' },
        encoding: {
          x: { field: 'median', type: 'quantitative', title: null },
          color: { condition: { test: 'datum.isOurs', value: ours }, value: others },
          ...opacity,
        },
      },
      {
        mark: { type: 'rule', color: 'black' },
        encoding: { x: { field: 'min', type: 'quantitative' }, x2: { field: 'max' } },
      },
      {
        mark: { type: 'text', align: 'left', dx: 4 },
        encoding: {
          x: { field: 'max', type: 'quantitative' },
          text: { field: 'median', type: 'quantitative', format: isLatency ? '.1f' : ',.0f' },
        },
      },
    ],
  }
  return spec as TopLevelSpec // literals above are widened to string; compile refuses what it does not know
}

/** The best first, by the first figure of each. */
function inOrder(bars: readonly Bar[], isLessBetter: boolean): readonly string[] {
  const firsts = bars.filter(({ figure }) => figure === bars[0]?.figure)
  const sign = isLessBetter ? 1 : -1
  return firsts.toSorted((a, b) => sign * (a.median - b.median)).map(({ subject }) => subject)
}

async function draw(spec: TopLevelSpec): Promise<string> {
  const view = new View(parse(compile(spec).spec), { renderer: 'none' })
  try {
    return `${await view.toSVG()}\n`
  } finally {
    view.finalize()
  }
}
