// Edits of tasks and steps: what may be changed when, what the history says of it, and who loses when two edit at once.
import { expect, test } from 'vitest'
import { defineTask } from '../../src/definitions/builder.ts'
import { databaseForFile } from '../support/database.ts'
import { expectWellKept } from './operated.ts'
import { stage } from './stage.ts'

const database = databaseForFile()

const definition = defineTask({ namespace: 'edited', name: 'plain', version: '1.0.0' })
  .step('first', async ({ inputs }) => inputs ?? 'none')
  .step(
    'second',
    { dependsOn: ['first'], retry: { limit: 3 } },
    async ({ inputs }) => inputs ?? 'none',
  )

const edited = () => stage(database.url, { definitions: [definition], isWorking: false })

test('tags, reason and priority are changed, with who, before and after in the history', async () => {
  const { tasker } = await edited()
  const { taskId } = await tasker.tasks.create(definition, { context: {}, tags: ['old'] })
  const { revision } = await tasker.tasks.get(taskId)
  const edit = await tasker.tasks.update(taskId, {
    tags: ['new', 'urgent'],
    reason: 'asked by phone',
    priority: 'critical',
    actor: 'ana',
    why: 'customer is waiting',
    expectedRevision: revision,
  })
  expect(edit).toEqual({ taskId, revision: expect.any(Number) as number, isChanged: true })
  expect(edit.revision).toBeGreaterThan(revision)
  const task = await tasker.tasks.get(taskId)
  expect(task).toMatchObject({
    tags: ['new', 'urgent'],
    reason: 'asked by phone',
    priority: 'critical',
    revision: edit.revision,
  })
  expect((await tasker.tasks.find({ tags: ['urgent'] })).tasks).toMatchObject([
    { taskId, revision: edit.revision },
  ])
  expect((await tasker.tasks.history(taskId)).at(-1)).toMatchObject({
    actor: 'ana',
    reason: 'customer is waiting',
    metadata: {
      action: 'update',
      before: { tags: ['old'], reason: 'unknown', priority: 2 },
      after: { tags: ['new', 'urgent'], reason: 'asked by phone', priority: 0 },
    },
  })
  expect((await tasker.tasks.timeline(taskId)).entries.at(-1)?.kind).toBe('updated')
  const again = await tasker.tasks.update(taskId, { reason: 'asked by phone', actor: 'ana' })
  expect(again).toEqual({ taskId, revision: edit.revision, isChanged: false })
  await expectWellKept(database.url)
})

test('a raised priority counts for steps that wait', async () => {
  const { tasker, clock } = await edited()
  const { tasks } = tasker
  const { taskId: usual } = await tasks.create(definition, { context: {} })
  const { taskId: raised } = await tasks.create(definition, { context: {} })
  await tasks.update(raised, { priority: 'high', actor: 'ana' })
  const { tasker: worker, events } = await stage(database.url, {
    definitions: [definition],
    slots: 1,
    clock,
  })
  await worker.worker.idle()
  const claimed = events.of('step.execution_requested').map(({ taskId }) => taskId)
  expect(claimed.indexOf(raised)).toBeLessThan(claimed.indexOf(usual))
})

test('an ended task keeps its priority, and its tags and reason may change', async () => {
  const { tasker } = await edited()
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await tasker.tasks.cancel(taskId)
  await expect(
    tasker.tasks.update(taskId, { priority: 'high', tags: ['late'], actor: 'ana' }),
  ).rejects.toMatchObject({ code: 'MOVE_NOT_ALLOWED' })
  expect(await tasker.tasks.get(taskId)).toMatchObject({ tags: [], priority: 'normal' })
  await tasker.tasks.update(taskId, { tags: ['late'], reason: 'closed', actor: 'ana' })
  expect(await tasker.tasks.get(taskId)).toMatchObject({
    tags: ['late'],
    reason: 'closed',
    state: 'cancelled',
  })
  await expectWellKept(database.url)
})

test('inputs and retry limit of a step that has not started; no other task has them', async () => {
  const { tasker } = await edited()
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  const { taskId: other } = await tasker.tasks.create(definition, { context: {} })
  const edit = await tasker.tasks.updateStep(taskId, 'second', {
    inputs: { batch: 5 },
    retryLimit: 7,
    actor: 'ana',
    reason: 'smaller batches',
  })
  await tasker.tasks.updateStep(taskId, 'first', { inputs: 'given', actor: 'ana' })
  const { steps } = await tasker.tasks.get(taskId)
  expect(steps).toMatchObject([{ inputs: 'given' }, { inputs: { batch: 5 }, retryLimit: 7 }])
  expect(edit.isChanged).toBe(true)
  const entry = (await tasker.tasks.history(taskId)).find(
    ({ metadata }) => metadata?.['action'] === 'set_inputs',
  )
  expect(entry).toMatchObject({ step: 'second', actor: 'ana', reason: 'smaller batches' })
  await expectWellKept(database.url)

  const { run } = await stage(database.url, { definitions: [definition] })
  expect((await run(taskId)).results).toEqual({ first: 'given', second: { batch: 5 } })
  expect((await run(other)).results).toEqual({ first: 'none', second: 'none' })
  await expect(
    tasker.tasks.updateStep(taskId, 'second', { inputs: 1, actor: 'ana' }),
  ).rejects.toMatchObject({ code: 'MOVE_NOT_ALLOWED' })
  await expectWellKept(database.url)
})

test('an unknown step is refused with the nearest one, an unknown task too', async () => {
  const { tasker } = await edited()
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await expect(
    tasker.tasks.updateStep(taskId, 'secnd', { inputs: 1, actor: 'ana' }),
  ).rejects.toMatchObject({
    code: 'STEP_NOT_FOUND',
    message: expect.stringContaining('second') as string,
  })
  const unknown = '01990000-0000-7000-8000-000000000000'
  for (const call of [
    () => tasker.tasks.update(unknown, { reason: 'x', actor: 'ana' }),
    () => tasker.tasks.updateStep(unknown, 'first', { inputs: 1, actor: 'ana' }),
    () => tasker.tasks.annotate(unknown, { type: 'x', annotation: {}, actor: 'ana' }),
  ]) {
    await expect(call()).rejects.toMatchObject({ code: 'TASK_NOT_FOUND' })
  }
})

test('what was read is what is changed: another revision is refused, by edits and by actions, and nothing is changed', async () => {
  const { tasker } = await edited()
  const { tasks } = tasker
  const { taskId } = await tasks.create(definition, { context: {} })
  const { revision: expectedRevision } = await tasks.get(taskId)
  const { revision } = await tasks.hold(taskId, { actor: 'ben', expectedRevision })
  const late = { actor: 'ana', expectedRevision }
  const before = await tasks.get(taskId)
  for (const call of [
    () => tasks.update(taskId, { reason: 'x', ...late }),
    () => tasks.updateStep(taskId, 'first', { inputs: 1, ...late }),
    () => tasks.updateStep(taskId, 'first', { retryLimit: 5, ...late }),
    () => tasks.annotate(taskId, { type: 'x', annotation: {}, ...late }),
    () => tasks.cancel(taskId, late),
    () => tasks.cancel(taskId, { step: 'first', ...late }),
    () => tasks.resume(taskId, late),
  ]) {
    await expect(call()).rejects.toMatchObject({
      code: 'REVISION_CONFLICT',
      details: { expectedRevision, revision },
    })
  }
  expect(await tasks.get(taskId)).toEqual(before)
  expect(await tasks.cancel(taskId, { actor: 'ana', expectedRevision: revision })).toMatchObject({
    state: 'cancelled',
  })
  await expectWellKept(database.url)
})

test('of two edits that expect the same revision one wins', async () => {
  const { tasker } = await edited()
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  const { revision: expectedRevision } = await tasker.tasks.get(taskId)
  const outcomes = await Promise.allSettled(
    ['ana', 'ben', 'eve'].map((actor) =>
      tasker.tasks.update(taskId, { reason: actor, actor, expectedRevision }),
    ),
  )
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  await expectWellKept(database.url)
})

test('an annotation by hand is signed, stored once, found and told by type', async () => {
  const { tasker } = await edited()
  const { tasks } = tasker
  const { taskId } = await tasks.create(definition, { context: {} })
  const annotation = { type: 'ticket', annotation: { id: 17, at: 'desk' }, actor: 'ana' }
  expect(await tasks.annotate(taskId, annotation)).toMatchObject({ isChanged: true })
  const same = { ...annotation, annotation: { at: 'desk', id: 17 }, actor: 'ben' }
  expect(await tasks.annotate(taskId, same)).toMatchObject({ isChanged: false })
  expect((await tasks.get(taskId)).annotations).toMatchObject([
    { type: 'ticket', annotation: { id: 17, at: 'desk' } },
  ])
  expect((await tasks.history(taskId)).at(-1)).toMatchObject({
    actor: 'ana',
    metadata: { action: 'annotate', type: 'ticket' },
  })
  const found = await tasks.find({ annotation: { type: 'ticket', contains: { id: 17 } } })
  expect(found.tasks.map((task) => task.taskId)).toEqual([taskId])
  expect(await tasks.annotationTypes()).toEqual([{ type: 'ticket', namespaces: ['edited'] }])
  expect(await tasks.annotationTypes({ namespaces: ['other'] })).toEqual([])
  await tasks.cancel(taskId)
  const late = { type: 'closed', annotation: {}, actor: 'ana' }
  expect(await tasks.annotate(taskId, late)).toMatchObject({ isChanged: true })
  await expectWellKept(database.url)
})

test.each<[string, unknown]>([
  ['nothing', {}],
  ['no change', { actor: 'ana' }],
  ['an unknown key', { tag: ['x'] }],
  ['an unknown priority', { priority: 'urgent' }],
  ['a reason of 129 characters', { reason: 'x'.repeat(129) }],
  ['a reserved actor', { reason: 'x', actor: 'worker:1' }],
  ['a revision that is none', { reason: 'x', expectedRevision: -1 }],
])('an update with %s is refused', async (_what, update) => {
  const { tasker } = await edited()
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await expect(tasker.tasks.update(taskId, update as never)).rejects.toMatchObject({
    code: 'REQUEST_INVALID',
  })
})

test.each<[string, unknown]>([
  ['no type', { annotation: {} }],
  ['a type of 65 characters', { type: 'x'.repeat(65), annotation: {} }],
  ['a list', { type: 'x', annotation: [] }],
  ['NUL', { type: 'x', annotation: { text: 'a\0' } }],
  ['64 KiB', { type: 'x', annotation: { text: 'x'.repeat(65_536) } }],
])('an annotation with %s is refused', async (_what, annotation) => {
  const { tasker } = await edited()
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await expect(tasker.tasks.annotate(taskId, annotation as never)).rejects.toMatchObject({
    code: 'REQUEST_INVALID',
  })
})
