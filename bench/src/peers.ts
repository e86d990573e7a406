// Tasker beside its peers: the same workloads on the same server in the same run, in turns. Results as JSON and charts.
// Exit code 1 when a run failed: it has no figures, and the results say why.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { drawCharts } from './charts.ts'
import { leftOut } from './left-out.ts'
import { describeMachine } from './machine.ts'
import { readOrExplain, type Arguments, type OptionRule } from './options.ts'
import { peerWorkloads } from './peer-workloads.ts'
import { peersDocumentSchema, type PeersDocument } from './peers-document.ts'
import { findRedis, howToGetRedis } from '../../tools/services/redis.ts'
import { startDurableRedis } from './redis.ts'
import { measureRounds } from './rounds.ts'
import { startServer, type BenchServer } from './server.ts'
import { isOnRedis, subjectNames } from './subjects/index.ts'
import { mediansOf } from './figures.ts'
import { figuresTable, verdictLine } from './table.ts'
import { judgePeers } from './targets.ts'

const roundsMin = 3

const rules: Readonly<Record<string, OptionRule>> = {
  workload: {
    takes: 'names',
    known: peerWorkloads.map(({ name }) => name),
    says: 'What to measure; may be given more than once.',
  },
  peers: {
    takes: 'names',
    known: subjectNames,
    says: 'Whom to measure; may be given more than once. Tasker is always among them.',
  },
  rounds: { takes: 'count', otherwise: roundsMin, says: 'How often each is asked.' },
  slots: { takes: 'count', otherwise: 400, says: 'Steps that each runs at once.' },
  database: { takes: 'text', says: 'URL of a server to use instead of one of its own.' },
  redis: { takes: 'text', says: 'URL of a Redis server to use instead of one of its own.' },
  quick: { takes: 'count', otherwise: 1, says: 'Divides all sizes, to see that everything works.' },
  json: { takes: 'nothing', says: 'Prints the document instead of tables.' },
  output: { takes: 'text', says: 'Folder for the results. Default: bench/results of a whole run.' },
  help: { takes: 'nothing', says: 'This.' },
}

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  const given = readOrExplain(rules, args, { command: 'npm run bench:peers', more: '' })
  if (typeof given === 'number') return given
  const server = await startServer(given.text('database'))
  try {
    const document = await measureAll(server, given)
    const files = await store(document, given.text('output') ?? defaultFolder(given))
    console.log(given.isSet('json') ? JSON.stringify(document) : textOf(document))
    for (const file of files) console.error(`Wrote ${file}.`)
    const failed = document.workloads.some(({ results }) =>
      results.some(({ failures }) => failures.length > 0),
    )
    return failed ? 1 : 0
  } finally {
    await server.stop()
  }
}

async function measureAll(server: BenchServer, given: Arguments): Promise<PeersDocument> {
  const isWanted = given.names('peers').some(isOnRedis) && given.text('redis') === null
  const redis = isWanted && findRedis() !== null ? await startDurableRedis() : null
  try {
    return await measureBeside(server, given.text('redis') ?? redis?.url ?? null, given)
  } finally {
    await redis?.stop()
  }
}

async function measureBeside(
  server: BenchServer,
  redisUrl: string | null,
  given: Arguments,
): Promise<PeersDocument> {
  const withoutRedis = redisUrl === null ? given.names('peers').filter(isOnRedis) : []
  for (const name of withoutRedis) console.error(`*** ${name} is left out: ${howToGetRedis} ***`)
  const asked = new Set(['tasker', ...given.names('peers')])
  for (const name of withoutRedis) asked.delete(name)
  const order = {
    workloads: peerWorkloads.filter(({ name }) => given.names('workload').includes(name)),
    subjects: subjectNames.filter((name) => asked.has(name)),
    rounds: given.count('rounds') ?? roundsMin,
    slots: given.count('slots') ?? 1,
    redisUrl,
    divisor: given.count('quick') ?? 1,
    say: (line: string) => console.error(line),
  }
  const measured = await measureRounds(server, order)
  return peersDocumentSchema.parse({
    date: new Date().toISOString(),
    machine: describeMachine(server),
    slots: order.slots,
    rounds: order.rounds,
    divisor: order.divisor,
    leftOut: [...leftOut, ...withoutRedis.map((name) => ({ name, why: howToGetRedis }))],
    ...measured,
    verdicts: judgePeers(measured),
  })
}

/** Only a whole run is kept with the sources: everything, everybody, at full size, often enough. */
function defaultFolder(given: Arguments): string {
  const isWhole =
    !given.isSet('workload') &&
    !given.isSet('peers') &&
    given.count('quick') === 1 &&
    (given.count('rounds') ?? 0) >= roundsMin
  const root = join(import.meta.dirname, '..', '..')
  return isWhole ? join(root, 'bench', 'results') : join(root, 'node_modules', '.cache', 'bench')
}

async function store(document: PeersDocument, folder: string): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true })
  const name = join(folder, `${document.date.slice(0, 10)}-peers`)
  const files = new Map([[`${name}.json`, `${JSON.stringify(document, null, 2)}\n`]])
  for (const [workload, svg] of await drawCharts(document)) {
    files.set(`${name}-${workload}.svg`, svg)
  }
  for (const [file, text] of files) await writeFile(file, text)
  return [...files.keys()]
}

function textOf(document: PeersDocument): string {
  const tables = document.workloads.map(({ name, results }) =>
    figuresTable(
      name,
      results.map(({ subject, rounds }) => ({
        name: subject,
        figures: Object.fromEntries(
          Object.entries(mediansOf(rounds.filter((figures) => figures !== null))).map(
            ([figure, middle]) => [figure, middle?.median ?? null],
          ),
        ),
      })),
    ),
  )
  const failures = document.workloads.flatMap(({ name, results }) =>
    results.flatMap(({ subject, failures: whys }) =>
      whys.map((why) => `failed  ${subject} at ${name}: ${why}`),
    ),
  )
  const missing = document.leftOut.map(({ name, why }) => `left out  ${name}: ${why}`)
  const judged = document.divisor === 1 ? document.verdicts.map(verdictLine) : []
  return [...tables, judged.join('\n'), [...failures, ...missing].join('\n')].join('\n\n')
}
