// Every subject does the work it is asked for: each step of each task through its engine, once, after its parents.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findRedis, type RedisServer } from '../../tools/services/redis.ts'
import { emptyRedis, startDurableRedis } from '../src/redis.ts'
import { startServer, type BenchServer } from '../src/server.ts'
import { stepsOf } from '../src/shapes.ts'
import { shapeNames, type OpenSubject, type ShapeName } from '../src/subject.ts'
import { isOnRedis, loadSubject, subjectNames, type SubjectName } from '../src/subjects/index.ts'

/** More tasks than slots, so that batches fill and tasks wait for each other. */
const taskCounts: Readonly<Record<ShapeName, number>> = {
  linear: 20,
  diamond: 20,
  'fan-out': 3,
  'one-step': 20,
}
const slots = 8

const hasRedis = findRedis() !== null || process.env['CI'] === 'true' // where its absence is a failure
const testedNames = subjectNames.filter((name) => hasRedis || !isOnRedis(name))
for (const name of subjectNames.filter((each) => !testedNames.includes(each))) {
  console.warn(`\n*** ${name}: not tested here, as there is no redis-server on PATH ***\n`)
}

let server: BenchServer
let redis: RedisServer | null
beforeAll(async () => {
  server = await startServer(null)
  redis = hasRedis ? await startDurableRedis() : null
})
afterAll(async () => {
  await server.stop()
  await redis?.stop()
})

interface Ran {
  readonly task: string
  readonly step: string
}

interface Opened {
  readonly subject: OpenSubject
  readonly ran: Ran[]
  /** Closes the subject and drops its database. */
  close(): Promise<void>
}

/** Once in this process for all shapes: DBOS registers workflows for good. */
async function openSubject(name: SubjectName): Promise<Opened> {
  const ran: Ran[] = []
  const opened = Promise.withResolvers<OpenSubject>()
  const tested = Promise.withResolvers<void>()
  const using = server.withDatabase(async (databaseUrl) => {
    if (redis !== null) await emptyRedis(redis.url)
    const chosen = await loadSubject(name)
    const subject = await chosen.open({
      databaseUrl,
      redisUrl: redis?.url ?? null,
      slots,
      ran: (task, step) => ran.push({ task, step }),
    })
    opened.resolve(subject)
    await tested.promise
    await subject.close()
  })
  return {
    subject: await Promise.race([opened.promise, using.then(() => opened.promise)]),
    ran,
    async close() {
      tested.resolve()
      await using
    },
  }
}

/** Steps by task, in the order in which their handlers ran. */
function byTask(ran: readonly Ran[]): ReadonlyMap<string, readonly string[]> {
  const tasks = new Map<string, string[]>()
  for (const { task, step } of ran) tasks.set(task, [...(tasks.get(task) ?? []), step])
  return tasks
}

/** Steps that ran before one of their parents. */
function early(shape: ShapeName, order: readonly string[]): readonly string[] {
  return stepsOf[shape]
    .filter(({ name, dependsOn }) =>
      dependsOn.some((parent) => order.indexOf(parent) > order.indexOf(name)),
    )
    .map(({ name }) => name)
}

describe.each(testedNames)('%s', (name) => {
  let opened: Opened
  beforeAll(async () => {
    opened = await openSubject(name)
  })
  afterAll(() => opened.close())

  test.each(shapeNames)('runs each step of %s once, after its parents', async (shape) => {
    const { subject, ran } = opened
    await subject.run(shape, 2) // as every benchmark does to warm up
    ran.length = 0
    await subject.run(shape, taskCounts[shape])
    const tasks = byTask(ran)
    const steps = stepsOf[shape].map((step) => step.name)
    expect(tasks.size).toBe(taskCounts[shape])
    for (const order of tasks.values()) {
      expect(order.toSorted()).toEqual(steps.toSorted())
      expect(early(shape, order)).toEqual([])
    }
  })

  test('runs a task alone', async () => {
    const { subject, ran } = opened
    ran.length = 0
    await subject.run('linear', 1)
    expect(ran.map(({ step }) => step)).toEqual(stepsOf.linear.map((step) => step.name))
  })
})
