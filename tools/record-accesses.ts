// Records the trace that bench-cache.ts replays: people and monitors, each with their habits, ask a Tasker for its reports for two
// hours. Their times are drawn; what making each answer takes is measured, of a database with tasks in it.
// Run: node --conditions=@tasker/source tools/record-accesses.ts <file>
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTasker, defineTask, migrate, type CacheStore, type Tasker } from '@tasker/engine'
import { startEmbeddedPostgres } from '@tasker/embedded-postgres'
import pg from 'pg'
import { writeTrace, type TracedAccess, type TracedKey } from './access-trace.ts'
import { randomFrom, type Random } from './chaos/random.ts'
import { fillTasks } from './retained-tasks.ts'

const minute = 60_000
const hours = 2
const endMs = hours * 60 * minute
const seed = 20_261_122
const tasks = 5_000
/** What making an answer takes is measured anew after this. */
const measuredForMs = 5 * minute

interface Question extends TracedKey {
  readonly ask: (tasker: Tasker) => Promise<unknown>
  /** Its answer changes this often; null: with time only. */
  readonly changesEveryMs: number | null
}

interface Wish {
  readonly atMs: number
  readonly question: Question
}

const namespaces = ['bench', 'other']

const status: Question = {
  kind: 'status',
  name: 'status',
  ttlMs: 60_000,
  ttlMaxMs: 60_000,
  staleMs: 0,
  changesEveryMs: null,
  ask: (tasker) => tasker.reports.status(),
}
const usual = { ttlMaxMs: null, staleMs: null }
const performanceOf = (namespace: string | null): Question => ({
  kind: 'performance',
  name: `performance ${namespace}`,
  ttlMs: 90_000,
  ...usual,
  changesEveryMs: null,
  ask: (tasker) => tasker.reports.performance(namespace === null ? {} : { namespace }),
})
const bottlenecksOf = (namespace: string | null, periodHours: number): Question => ({
  kind: 'bottlenecks',
  name: `bottlenecks ${namespace} ${periodHours}`,
  ttlMs: 120_000,
  ...usual,
  changesEveryMs: null,
  ask: (tasker) =>
    tasker.reports.bottlenecks({ periodHours, ...(namespace === null ? {} : { namespace }) }),
})
const handlers: Question = {
  kind: 'handlers',
  name: 'handlers',
  ttlMs: 120_000,
  ...usual,
  changesEveryMs: 30 * minute,
  ask: (tasker) => tasker.reports.discovery(),
}
const handlerOf = (name: string): Question => ({
  kind: 'handler',
  name: `handler ${name}`,
  ttlMs: 120_000,
  ...usual,
  changesEveryMs: 30 * minute,
  ask: (tasker) => tasker.reports.storedDefinition(name),
})
const analysisOf = (taskId: string, isOpen: boolean): Question => ({
  kind: 'analysis',
  name: `analysis ${taskId}`,
  ttlMs: 90_000,
  ...usual,
  changesEveryMs: isOpen ? 20_000 : null,
  ask: (tasker) => tasker.reports.analysis(taskId),
})

/** Every so often, a little early or late. */
function* everyFrom(random: Random, fromMs: number, untilMs: number, everyMs: number) {
  for (let atMs = fromMs; atMs < untilMs; atMs += Math.round(everyMs * (0.9 + random.next() / 5)))
    yield atMs
}

function wishes(random: Random, taskIds: readonly string[]): readonly Wish[] {
  const found: Wish[] = []
  const want = (question: Question, fromMs: number, untilMs: number, everyMs: number): void => {
    for (const atMs of everyFrom(random, fromMs, Math.min(untilMs, endMs), everyMs))
      found.push({ atMs, question })
  }
  // Two monitors, and a screen on a wall.
  for (let monitor = 0; monitor < 2; monitor += 1) want(status, monitor * 7_000, endMs, 15_000)
  want(performanceOf(null), 1_000, endMs, 30_000)
  want(bottlenecksOf(null, 24), 2_000, endMs, 60_000)
  // Four people look into it now and then: first at all, then at some tasks, whose pages ask again.
  for (let person = 0; person < 4; person += 1) {
    let atMs = random.between(0, 20 * minute)
    while (atMs < endMs) {
      const untilMs = atMs + random.between(3, 12) * minute
      const namespace = random.pick(namespaces) ?? null
      want(performanceOf(namespace), atMs, untilMs, 20_000)
      want(bottlenecksOf(namespace, random.pick([1, 24, 168])), atMs, untilMs, 90_000)
      for (let page = random.between(1, 4); page > 0; page -= 1) {
        const index = Math.floor(random.next() ** 3 * taskIds.length) // some are looked at by many
        const openedMs = random.between(atMs, untilMs)
        const question = analysisOf(taskIds[index] ?? '', index % 2 === 0)
        want(question, openedMs, openedMs + random.between(10, 180) * 1_000, 5_000)
      }
      atMs = untilMs + random.between(5, 30) * minute
    }
  }
  // Deployments ask for handlers, and somebody reads on.
  for (const atMs of everyFrom(random, 5 * minute, endMs, 20 * minute)) {
    want(handlers, atMs, atMs + minute, 10_000)
    const name = `${random.pick(['bench/task_1', 'bench/task_2', 'other/task_3'])}@1.0.0`
    want(handlerOf(name), atMs, atMs + minute, 15_000)
  }
  // For a quarter of an hour there is trouble, and six people watch.
  for (let person = 0; person < 6; person += 1) {
    const fromMs = 60 * minute + random.between(0, 3 * minute)
    want(performanceOf(null), fromMs, 75 * minute, 10_000)
    want(bottlenecksOf(null, 1), fromMs, 75 * minute, 15_000)
    want(status, fromMs, 75 * minute, 10_000)
  }
  return found.toSorted((a, b) => a.atMs - b.atMs)
}

/** 200 steps side by side: the tasks whose pages people open. */
const flow = defineTask({ namespace: 'bench', name: 'flow' }).expand(
  'step',
  {},
  () => Array.from({ length: 200 }, (_, index) => ({ key: String(index), inputs: null })),
  async () => null,
)

/** Keeps nothing, so that every answer is made. */
const nowhere: CacheStore = {
  get: async () => null,
  set: async () => undefined,
  delete: async () => undefined,
}

/** Statistics are read from sums, as where a worker runs. */
async function rollUp(client: pg.Client): Promise<void> {
  await client.query('select tasker.recount_tasks()')
  const worker = await client.query<{ id: number }>(
    `select tasker.register_worker('trace', 1, '0', '{1,2,3,4,5}', 1, 600000) as id`,
  )
  for (;;) {
    const rolled = await client.query<{ added: number }>(
      'select tasker.roll_up_tasks($1, 2000) as added',
      [worker.rows[0]?.id],
    )
    if (rolled.rows[0]?.added === 0) return
  }
}

async function record(url: string): Promise<readonly [Question[], TracedAccess[]]> {
  await migrate({ url, schema: 'tasker' })
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await fillTasks(client, { tasks, days: 7, open: 200 })
  await rollUp(client)
  await client.query('vacuum analyze')
  await client.end()
  await using tasker = await createTasker({
    database: { url },
    cacheStore: nowhere,
    definitions: [flow],
  })
  const taskIds: string[] = []
  for (let task = 0; task < 40; task += 1)
    taskIds.push((await tasker.tasks.create(flow, { context: { task } })).taskId)
  const keys: Question[] = []
  const measured = new Map<number, { readonly atMs: number; readonly ms: number }>()
  const accesses: TracedAccess[] = []
  for (const { atMs, question } of wishes(randomFrom(seed), taskIds)) {
    let key = keys.findIndex(({ name }) => name === question.name)
    if (key < 0) key = keys.push(question) - 1
    let last = measured.get(key)
    if (last === undefined || atMs - last.atMs >= measuredForMs) {
      const startMs = performance.now()
      await question.ask(tasker)
      last = { atMs, ms: Math.round((performance.now() - startMs) * 10) / 10 }
      measured.set(key, last)
    }
    const { changesEveryMs } = question
    const version = changesEveryMs === null ? 0 : Math.floor(atMs / changesEveryMs)
    accesses.push({ atMs, key, version, generationMs: last.ms })
  }
  return [keys, accesses]
}

const [path] = process.argv.slice(2)
if (path === undefined) throw new Error('which file?')
const folder = await mkdtemp(join(tmpdir(), 'tasker-trace-'))
const server = await startEmbeddedPostgres({ folder })
try {
  const [keys, accesses] = await record(server.url)
  const notes = [
    `Recorded by tools/record-accesses.ts, seed ${seed}: ${accesses.length} accesses to ${keys.length} answers in ${hours} hours.`,
    'Who asks when is drawn: two monitors, a screen on a wall, four people now and then, deployments, and a quarter of an hour',
    `of trouble. What making each answer takes was measured, every five minutes of that time, of ${tasks} tasks of 7 days.`,
  ]
  const shown = keys.map(({ kind, name, ttlMs, ttlMaxMs, staleMs }) => ({
    kind,
    name,
    ttlMs,
    ttlMaxMs,
    staleMs,
  }))
  await writeTrace(path, { notes, keys: shown, accesses })
} finally {
  await server.release()
  await rm(folder, { recursive: true, force: true })
}
