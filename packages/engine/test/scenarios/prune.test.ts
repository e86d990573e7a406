// Retention, as a program or `tasker prune` asks for it: by age and state, in batches, with a dry run that tells the truth.
import { describe, expect, test } from 'vitest'
import { defineTask } from '../../src/definitions/builder.ts'
import { PermanentError } from '../../src/errors.ts'
import type { PruneProgress } from '../../src/tasks/prune-order.ts'
import { cloneDatabase } from '../support/database.ts'
import { stage } from './stage.ts'

const good = defineTask({ namespace: 'shop', name: 'good' })
  .step('one', async () => 1)
  .step('two', { dependsOn: ['one'] }, async ({ results }) => results.one)
const bad = defineTask({ namespace: 'office', name: 'bad' }).step('one', async () => {
  throw new PermanentError('no')
})

const dayMs = 86_400_000

/** Three complete tasks and one in error that ended today, 40 days after two complete ones and a cancelled one. */
async function setup() {
  const { url } = await cloneDatabase()
  const { tasker, clock, run } = await stage(url, { definitions: [good, bad] })
  const create = async (definition: typeof good | typeof bad) =>
    (await tasker.tasks.create(definition, { context: {} })).taskId
  const runNew = async (definition: typeof good | typeof bad) =>
    (await run(await create(definition))).taskId
  const old = [await runNew(good), await runNew(good)]
  await tasker.worker.stop()
  const [cancelled] = [await tasker.tasks.create(good, { context: {} })]
  await tasker.tasks.cancel(cancelled.taskId)
  await clock.advance(40 * dayMs)
  await tasker.worker.start()
  const recent = [await runNew(good), await runNew(good), await runNew(good)]
  const failed = await runNew(bad)
  await tasker.worker.stop()
  await clock.advance(1)
  return { tasker, clock, old, cancelled: cancelled.taskId, recent, failed, url }
}

const left = async (tasker: Awaited<ReturnType<typeof setup>>['tasker']) =>
  (await tasker.tasks.find({ limit: 200 })).tasks.length

describe('prune', () => {
  test('removes what ended longer ago, by state, and reports it by definition', async () => {
    const { tasker, clock, old } = await setup()
    const report = await tasker.prune({ olderThanMs: 30 * dayMs })
    expect(report).toMatchObject({
      isDryRun: false,
      isComplete: true,
      endedBefore: new Date(clock.now().getTime() - 30 * dayMs),
      taskCount: 3,
      busyCount: 0,
    })
    expect(report.groups).toEqual([
      { namespace: 'shop', name: 'good', version: '0.1.0', state: 'cancelled', count: 1 },
      { namespace: 'shop', name: 'good', version: '0.1.0', state: 'complete', count: 2 },
    ])
    expect(await left(tasker)).toBe(4)
    await expect(tasker.tasks.get(old[0] ?? '')).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' })
  })

  test('on a dry run counts exactly what then goes', async () => {
    const { tasker } = await setup()
    const order = { olderThanMs: 0, states: ['complete', 'cancelled', 'error'] as const }
    const trial = await tasker.prune({ ...order, dryRun: true })
    expect(await left(tasker)).toBe(7)
    expect(await tasker.prune(order)).toEqual({ ...trial, isDryRun: false })
    expect(trial.taskCount).toBe(7)
    expect(await left(tasker)).toBe(0)
  })

  test('goes in batches and tells after each', async () => {
    const { tasker } = await setup()
    const seen: PruneProgress[] = []
    await tasker.prune({
      olderThanMs: 0,
      batchSize: 4,
      onProgress: (soFar) => seen.push(soFar),
    })
    expect(seen.map(({ taskCount }) => taskCount)).toEqual([4, 6])
    expect(await left(tasker)).toBe(1)
  })

  test('stops at the limit, and at the signal between two batches', async () => {
    const { tasker } = await setup()
    const limited = await tasker.prune({ olderThanMs: 0, limit: 2 })
    expect(limited).toMatchObject({ taskCount: 2, isComplete: false })
    const stop = new AbortController()
    const stopped = await tasker.prune({
      olderThanMs: 0,
      batchSize: 1,
      signal: stop.signal,
      onProgress: () => stop.abort(),
    })
    expect(stopped).toMatchObject({ taskCount: 1, isComplete: false })
    expect(await left(tasker)).toBe(4)
  })

  test('takes one namespace only, and tasks in error only when they are named', async () => {
    const { tasker, failed } = await setup()
    expect(await tasker.prune({ olderThanMs: 0, namespace: 'office' })).toMatchObject({
      taskCount: 0,
    })
    const report = await tasker.prune({ olderThanMs: 0, namespace: 'office', states: ['error'] })
    expect(report.groups).toMatchObject([{ name: 'bad', state: 'error', count: 1 }])
    await expect(tasker.tasks.get(failed)).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' })
    expect(await left(tasker)).toBe(6)
  })

  test('removes keys that have expired and workers that are gone for a day', async () => {
    const { url } = await cloneDatabase()
    const { tasker, clock } = await stage(url, { definitions: [good] })
    await tasker.worker.stop()
    const { taskId } = await tasker.tasks.create(good, { context: {}, idempotencyKey: 'k' })
    expect(await tasker.prune({ olderThanMs: 0 })).toMatchObject({ keyCount: 0, workerCount: 0 })
    await clock.advance(31 * dayMs)
    const trial = await tasker.prune({ olderThanMs: 0, dryRun: true })
    expect(trial).toMatchObject({ keyCount: 1, workerCount: 1 })
    expect(await tasker.prune({ olderThanMs: 0 })).toEqual({ ...trial, isDryRun: false })
    expect(await tasker.prune({ olderThanMs: 0 })).toMatchObject({ keyCount: 0, workerCount: 0 })
    expect(await tasker.tasks.get(taskId)).toMatchObject({ taskId })
  })

  test('refuses an order with every fault named, and removes nothing', async () => {
    const { tasker } = await setup()
    const order = { olderThanMs: -1, states: ['pending', 'complete'], batchsize: 5 }
    // What a JavaScript caller may pass.
    const refused = tasker.prune(order as unknown as Parameters<typeof tasker.prune>[0])
    await expect(refused).rejects.toMatchObject({ code: 'REQUEST_INVALID' })
    await expect(refused).rejects.toThrow(/olderThanMs[^]*"pending" is the state[^]*batchSize/)
    expect(await left(tasker)).toBe(7)
  })
})
