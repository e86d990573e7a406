// The part of docs/performance.md that compares Tasker with its peers, made from the results alone: what was measured on,
// medians and ratios, where Tasker loses, which targets are met.
import { medianOf } from './figures.ts'
import type { PeersDocument, PeersWorkload } from './peers-document.ts'
import { medianText, shown } from './table.ts'
import { roundRatios } from './targets.ts'

const begin = '<!-- peers: written by `npm run bench:report` from the newest results -->'
const end = '<!-- /peers -->'
const nothing = 'No comparison has been measured yet: `npm run bench:peers` makes one.'

/** @throws when the page has no place for it. */
export function replaceTable(page: string, table: string): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  if (from < 0 || to < from) {
    throw new Error(`docs/performance.md has no lines ${begin} and ${end}, in this order`)
  }
  return `${page.slice(0, from + begin.length)}\n\n${table}\n\n${page.slice(to)}`
}

export interface ResultFile {
  /** From docs/. */
  readonly link: string
  readonly document: PeersDocument
}

export function renderTable(newest: ResultFile | null): string {
  if (newest === null) return nothing
  const { document, link } = newest
  return [
    ...machineLines(document, link),
    ratesTable(document),
    latencyTable(document),
    losses(document),
    '### Targets',
    verdicts(document),
    '### What was compared',
    subjectsTable(document),
    ...missing(document),
    ...document.workloads.map(
      ({ name }) => `![${name}](${link.replace(/\.json$/, `-${name}.svg`)})`,
    ),
  ].join('\n\n')
}

function machineLines({ machine, ...document }: PeersDocument, link: string): readonly string[] {
  const settings = Object.entries(machine.settings).map(([name, value]) => `\`${name} = ${value}\``)
  const { divisor } = document
  return [
    `Measured by \`npm run bench:peers\` on ${document.date.slice(0, 10)}: ${machine.cpu}, ${machine.cores} cores, ` +
      `${machine.memoryGb} GB, ${machine.system}; Node ${machine.node}, PostgreSQL ${machine.postgres}; commit ` +
      `${machine.commit}. Every subject on the same server in the same run, in turns, ${document.rounds} rounds, ` +
      `${document.slots} steps at once, each in one process with a database of its own. Medians; in brackets how many ` +
      `times as much Tasker does, the median of the ratios within a round. The file is [${link.replace(/^.*\//, '')}](${link}).`,
    `Settings of the server: ${settings.join(', ')}. A durable commit took ` +
      `${shown(medianOf(document.commits.flatMap(({ commitMsP50 }) => commitMsP50 ?? []))?.median ?? null)} ms (p50).`,
    ...(divisor > 1
      ? [
          `**Sizes were divided by ${divisor}: this shows that everything works, not how fast it is.**`,
        ]
      : []),
  ]
}

function ratesTable(document: PeersDocument): string {
  const workloads = document.workloads.filter(({ kind }) => kind === 'throughput')
  const head = ['Steps per second', ...workloads.map(({ name }) => name)]
  const rows = document.subjects.map(({ name, title }) => [
    name === 'tasker' ? `**${title}**` : title,
    ...workloads.map((workload) => rateCell(workload, name)),
  ])
  return markdownTable([head, ...rows])
}

function rateCell(workload: PeersWorkload, subject: string): string {
  const middle = middleOf(workload, subject, 'stepsPerSecond')
  if (middle === null) return 'failed'
  const ratio = medianOf(
    roundRatios(workload, 'stepsPerSecond', subject).filter((value) => value !== null),
  )
  return subject === 'tasker' || ratio === null
    ? shown(middle)
    : `${shown(middle)} (${times(ratio.median)})`
}

function latencyTable(document: PeersDocument): string {
  const workload = document.workloads.find(({ kind }) => kind === 'latency')
  if (workload === undefined) return 'The latency of an idle system was not measured.'
  const figures = {
    'hop p50': 'hopMsP50',
    'hop p99': 'hopMsP99',
    'five steps p50': 'taskMsP50',
    'five steps p99': 'taskMsP99',
  }
  const rows = document.subjects.map(({ name, title }) => [
    name === 'tasker' ? `**${title}**` : title,
    ...Object.values(figures).map((figure) => shown(middleOf(workload, name, figure))),
  ])
  return markdownTable([['Milliseconds', ...Object.keys(figures)], ...rows])
}

/** Every peer that does more, or is quicker, in the median of the rounds. The limit is no peer. */
function losses(document: PeersDocument): string {
  const peers = document.subjects.filter(({ role }) => role !== 'ours' && role !== 'limit')
  const lost = document.workloads.flatMap((workload) =>
    peers.flatMap(({ name, title }) => {
      const isLatency = workload.kind === 'latency'
      return (isLatency ? ['taskMsP50', 'taskMsP99'] : ['stepsPerSecond']).flatMap((figure) => {
        const found = medianOf(
          roundRatios(workload, figure, name).filter((ratio) => ratio !== null),
        )
        const isLost = found !== null && (isLatency ? found.median > 1 : found.median < 1)
        if (!isLost) return []
        const what = isLatency ? `takes ${times(found.median)} the ${figure} of` : 'is slower than'
        return [`- \`${workload.name}\`: Tasker ${what} ${title}: ratio ${medianText(found)}.`]
      })
    }),
  )
  return lost.length === 0
    ? 'Where Tasker loses: nowhere in this run.'
    : `Where Tasker loses:\n\n${lost.join('\n')}`
}

function verdicts(document: PeersDocument): string {
  const rows = document.verdicts.map(({ says, found, isMet }) => [
    says,
    found === null ? 'not measured' : medianText(found),
    isMet === null ? '–' : isMet ? 'met' : '**missed**',
  ])
  return markdownTable([['Target', 'Found', ''], ...rows])
}

function subjectsTable(document: PeersDocument): string {
  const rows = document.subjects.map(({ title, configuration, keeps }) => [
    title,
    configuration,
    keeps,
  ])
  return markdownTable([['Subject', 'Version and configuration', 'Keeps of a step'], ...rows])
}

/** Everything that is not as a reader would take it to be. */
function missing(document: PeersDocument): readonly string[] {
  const titleOf = (subject: string): string =>
    document.subjects.find(({ name }) => name === subject)?.title ?? subject
  const lines = [
    ...document.leftOut.map(({ name, why }) => `- ${name} was left out: ${why}`),
    ...document.workloads.flatMap(({ name, taskCount, results }) =>
      results.flatMap((result) => [
        ...[...new Set(result.failures)].map(
          (why) => `- ${titleOf(result.subject)} failed at \`${name}\`: ${oneLine(why)}`,
        ),
        ...(result.taskCount < taskCount
          ? [
              `- ${titleOf(result.subject)} ran ${shown(result.taskCount)} of ${shown(taskCount)} tasks of ` +
                `\`${name}\`, so that a run ends in seconds.`,
            ]
          : []),
      ]),
    ),
  ]
  return lines.length === 0 ? [] : [lines.join('\n')]
}

function middleOf(workload: PeersWorkload, subject: string, figure: string): number | null {
  const rounds = workload.results.find((result) => result.subject === subject)?.rounds ?? []
  return medianOf(rounds.flatMap((figures) => figures?.[figure] ?? []))?.median ?? null
}

const times = (ratio: number): string =>
  `${ratio.toLocaleString('en', { maximumSignificantDigits: 2 })} ×`

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()

function markdownTable(rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => oneLine(cell).replaceAll('|', '\\|')).join(' | ')} |`
  const [head = [], ...body] = rows
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...body.map(line)].join('\n')
}
