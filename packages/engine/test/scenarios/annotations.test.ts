// The annotations hook: once, after completion, whatever happens to it.
import { expect, test } from 'vitest'
import { defineTask } from '../../src/definitions/builder.ts'
import type { Annotation } from '../../src/definitions/model.ts'
import { databaseForFile } from '../support/database.ts'
import { stage } from './stage.ts'

const database = databaseForFile()

/** A task of two steps with this hook; `calls` counts its calls. */
function annotated(
  name: string,
  hook: (calls: number, states: readonly string[]) => readonly Annotation[],
) {
  const counter = { calls: 0 }
  const definition = defineTask({ name })
    .step('a', async () => 1)
    .step('b', { dependsOn: ['a'] }, async ({ context }) => {
      if ('fails' in context) throw new Error('no')
      return 2
    })
    .annotate(async ({ steps }) => {
      counter.calls += 1
      return hook(
        counter.calls,
        steps.map(({ name: step, state }) => `${step} ${state}`),
      )
    })
  return { definition, counter }
}

test('runs once, after completion, and sees every step with its result', async () => {
  const seen: unknown[] = []
  const { definition, counter } = annotated('annotated', (_calls, states) => {
    seen.push(states)
    return [
      { type: 'summary', annotation: { total: 3 } },
      { type: 'summary', annotation: { total: 4 } },
    ]
  })
  const { tasker, clock, run } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  const task = await run(taskId)
  expect(task.annotations).toHaveLength(2)
  expect(task.annotations).toEqual(
    expect.arrayContaining(
      [3, 4].map(
        (total) => expect.objectContaining({ type: 'summary', annotation: { total } }) as unknown,
      ),
    ),
  )
  expect(seen).toEqual([['a complete', 'b complete']])
  await clock.advance(3_600_000)
  await run(taskId)
  expect(counter.calls).toBe(1)
})

test('is not run for a task that ends in error', async () => {
  const { definition, counter } = annotated('never_annotated', () => [])
  const { tasker, run } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: { fails: true } })
  expect((await run(taskId)).state).toBe('error')
  expect(counter.calls).toBe(0)
})

test('that fails is tried again on the ladder, and the task stays complete', async () => {
  const { definition, counter } = annotated('annotated_later', (calls) => {
    if (calls < 3) throw new Error('the search index is down')
    return [{ type: 'late', annotation: { calls } }]
  })
  const { tasker, clock, events, run } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  expect(await run(taskId)).toMatchObject({ state: 'complete', annotations: [] })
  for (const waitMs of [1_000, 2_000]) {
    await clock.advance(waitMs)
    expect((await run(taskId)).state).toBe('complete')
  }
  expect(counter.calls).toBe(3)
  expect((await tasker.tasks.get(taskId)).annotations).toMatchObject([
    { type: 'late', annotation: { calls: 3 } },
  ])
  expect(events.of('task.completed')).toHaveLength(1)
  expect(events.of('step.failed')).toEqual([]) // the hook is no step
})

test('that fails for good is given up after three attempts, visibly, and the task stays complete', async () => {
  const { definition, counter } = annotated('annotated_never', () => {
    throw new Error('no')
  })
  const { tasker, clock, run } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  for (let turn = 0; turn < 5; turn += 1) {
    await run(taskId)
    await clock.advance(60_000)
  }
  expect(counter.calls).toBe(3)
  expect((await tasker.tasks.get(taskId)).state).toBe('complete')
  const attempts = (await tasker.tasks.history(taskId)).filter(
    ({ step }) => step === '(annotations)',
  )
  expect(attempts.filter(({ to }) => to === 'error')).toHaveLength(3)
})

test('that is repeated stores the same annotation once', async () => {
  const { definition } = annotated('annotated_twice', () => [
    { type: 'same', annotation: { a: 1, b: 2 } },
    { type: 'same', annotation: { a: 1, b: 2 } },
    { type: 'same', annotation: { b: 2, a: 1 } },
  ])
  const { tasker, run } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  expect((await run(taskId)).annotations.map(({ annotation }) => annotation)).toEqual([
    { a: 1, b: 2 },
  ])
})

test.each<[string, Annotation]>([
  ['NUL', { type: 'bad', annotation: { text: 'a\0' } }],
  ['an empty type', { type: '', annotation: {} }],
  ['a type of 65 characters', { type: 'x'.repeat(65), annotation: {} }],
  ['64 KiB', { type: 'big', annotation: { text: 'x'.repeat(65_536) } }],
])('that cannot be stored changes nothing: %s', async (what, annotation) => {
  const name = `bad_annotation_${what.replaceAll(/\W+/g, '_')}`
  const { definition } = annotated(name, () => [{ type: 'good', annotation: {} }, annotation])
  const { tasker, clock, run } = await stage(database.url, { definitions: [definition] })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await run(taskId)
  await clock.advance(60_000)
  expect(await run(taskId)).toMatchObject({ state: 'complete', annotations: [] })
})
