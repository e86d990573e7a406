// Tasker alone, on every workload: how fast, and what a step costs. A run that is not valid gives no figures and exit code 1.
import { benchDocumentSchema, type BenchDocument } from './bench-document.ts'
import { mediansOf } from './figures.ts'
import { describeMachine } from './machine.ts'
import { readOrExplain, type Arguments, type OptionRule } from './options.ts'
import { startServer, type BenchServer } from './server.ts'
import { figuresTable, runColumns, verdictLine } from './table.ts'
import type { Part, Stage, Workload } from './workload.ts'
import { workloads } from './workloads/index.ts'

const rules: Readonly<Record<string, OptionRule>> = {
  workload: {
    takes: 'names',
    known: workloads.map(({ name }) => name),
    says: 'What to measure; may be given more than once.',
  },
  runs: { takes: 'count', otherwise: 3, says: 'Runs of each; medians are told of several.' },
  workers: { takes: 'count', says: 'Worker processes, where a workload can have more than one.' },
  slots: { takes: 'count', otherwise: 400, says: 'Steps that a worker runs at once.' },
  database: { takes: 'text', says: 'URL of a server to use instead of one of its own.' },
  full: { takes: 'nothing', says: 'With a million finished tasks in `retained`.' },
  quick: { takes: 'count', otherwise: 1, says: 'Divides all sizes, to see that everything works.' },
  json: { takes: 'nothing', says: 'Writes one JSON document instead of tables.' },
  help: { takes: 'nothing', says: 'This.' },
}

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  const given = readOrExplain(rules, args, {
    command: 'npm run bench',
    more: `\n\n${describeWorkloads()}`,
  })
  if (typeof given === 'number') return given
  const server = await startServer(given.text('database'))
  try {
    const document = await measureAll(server, given)
    if (given.isSet('json')) console.log(JSON.stringify(document))
    return 0
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    return 1
  } finally {
    await server.stop()
  }
}

async function measureAll(server: BenchServer, given: Arguments): Promise<BenchDocument> {
  const notes = new Set<string>()
  const stage: Stage = {
    server,
    slots: given.count('slots') ?? 1,
    workers: given.count('workers'),
    divisor: given.count('quick') ?? 1,
    isFull: given.isSet('full'),
    note: (remark) => void notes.add(remark),
  }
  const chosen = workloads.filter(({ name }) => given.names('workload').includes(name))
  const measured: BenchDocument['workloads'] = []
  for (const workload of chosen) {
    const result = await measure(workload, stage, given.count('runs') ?? 1)
    measured.push(result)
    if (!given.isSet('json')) console.log(`${textOf(result)}\n`)
  }
  if (!given.isSet('json')) for (const note of notes) console.log(note)
  return benchDocumentSchema.parse({
    date: new Date().toISOString(),
    machine: describeMachine(server),
    slots: stage.slots,
    divisor: stage.divisor,
    notes: [...notes],
    workloads: measured,
  })
}

async function measure(
  workload: Workload,
  stage: Stage,
  runCount: number,
): Promise<BenchDocument['workloads'][number]> {
  const { name, what, target } = workload
  const runs: Part[][] = []
  for (let run = 0; run < runCount; run += 1) runs.push([...(await workload.run(stage))])
  const partNames = [...new Set(runs.flat().map((part) => part.name))]
  const medians = partNames.map((partName) => ({
    name: partName,
    figures: { ...mediansOf(figuresOfPart(runs, partName)) },
  }))
  // Of small sizes the targets say nothing.
  const verdicts = stage.divisor === 1 ? [...workload.judge(runs)] : []
  return { name, what, target, runs, medians, verdicts }
}

function figuresOfPart(runs: readonly (readonly Part[])[], name: string): Part['figures'][] {
  return runs.flat().flatMap((part) => (part.name === name ? [part.figures] : []))
}

function textOf(result: BenchDocument['workloads'][number]): string {
  const tables = tablesOf(result)
  return [
    `${result.name}: ${result.what}`,
    `Wanted: ${result.target}`,
    ...tables.map((table) => `\n${table}`),
    ...(result.verdicts.length > 0 ? ['', ...result.verdicts.map(verdictLine)] : []),
  ].join('\n')
}

/** Of one run its parts side by side; of several a table for each part. */
function tablesOf({ runs, medians, name }: BenchDocument['workloads'][number]): readonly string[] {
  const [first = []] = runs
  if (runs.length === 1) {
    const columns = first.map((part) => ({ name: part.name || 'run', figures: part.figures }))
    return [figuresTable('', columns)]
  }
  return medians.map((of) =>
    figuresTable(of.name || name, runColumns(figuresOfPart(runs, of.name), of.figures)),
  )
}

function describeWorkloads(): string {
  return workloads
    .map(({ name, what, target }) => `  ${name.padEnd(10)} ${what}\n${' '.repeat(13)}${target}`)
    .join('\n')
}
