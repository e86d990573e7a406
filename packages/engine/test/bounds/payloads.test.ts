// The limits of contexts and results: at creation, when a handler returns, and by hand. Each error says how large the value
// is, how large it may be, and which option says so; the value itself is in none of them.
import { expect, test } from 'vitest'
import { defineTask, PermanentError, TaskerError } from '../../src/index.ts'
import { databaseForFile } from '../support/database.ts'
import { stage } from '../scenarios/stage.ts'

const database = databaseForFile()
const limits = { execution: { contextMaxBytes: 2_000, resultMaxBytes: 1_500 } }
/** As JSON: `{"text":"…"}`, eleven bytes more. */
const textOf = (bytes: number): { readonly text: string } => ({ text: 'x'.repeat(bytes - 11) })

async function refusalOf(run: Promise<unknown>): Promise<TaskerError> {
  const error: unknown = await run.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (error instanceof TaskerError) return error
  throw new Error('nothing was refused')
}

test('a context at the limit is stored; one byte more is refused with its size, the limit and the option', async () => {
  const definition = defineTask({ name: 'contexts' }).step('only', async () => null)
  const { tasker, run } = await stage(database.url, { definitions: [definition], ...limits })
  const { taskId } = await tasker.tasks.create(definition, { context: textOf(2_000) })
  expect((await run(taskId)).state).toBe('complete')

  const { code, message } = await refusalOf(
    tasker.tasks.create(definition, { context: textOf(2_001) }),
  )
  expect(code).toBe('CONTEXT_INVALID')
  expect(message).toContain(
    'it takes 2001 bytes of JSON, the limit is 2000 (execution.contextMaxBytes)',
  )
  expect(message).not.toContain('xxx')
})

test('one context too many bytes long refuses its whole batch, and nothing of it is stored', async () => {
  const definition = defineTask({ name: 'batches' }).step('only', async () => null)
  const { tasker } = await stage(database.url, { definitions: [definition], ...limits })
  const requests = [10, 2_001].map((bytes) => ({
    definition,
    context: textOf(Math.max(11, bytes)),
  }))
  const { message } = await refusalOf(tasker.tasks.createMany(requests))
  expect(message).toContain('2001 bytes')
  expect((await tasker.tasks.find({ name: 'batches' })).tasks).toEqual([])
})

test('a result at the limit is stored; one byte more fails its step for good, with its size and the limit', async () => {
  const definition = defineTask({ name: 'results' })
    .step('fits', async () => textOf(1_500))
    .step('too_large', async () => textOf(1_501))
  const { tasker, run } = await stage(database.url, { definitions: [definition], ...limits })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  const { steps } = await run(taskId)
  expect(steps).toMatchObject([
    { name: 'fits', state: 'complete', attempts: 1 },
    { name: 'too_large', state: 'error', attempts: 1, error: { code: 'RESULT_TOO_LARGE' } },
  ])
  const message = JSON.stringify(steps[1]?.error?.['message'])
  expect(message).toContain('step too_large')
  expect(message).toContain('1501 bytes of JSON, the limit is 1500')
  expect(message).toContain('execution.resultMaxBytes')
  expect(message).not.toContain('xxx')
})

test('a result given by hand is refused with its size, the limit and the option, and the step stays as it was', async () => {
  const definition = defineTask({ name: 'by_hand' }).step('only', async () => {
    throw new PermanentError('somebody has to look')
  })
  const { tasker, run } = await stage(database.url, { definitions: [definition], ...limits })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  await run(taskId)

  const { code, message } = await refusalOf(
    tasker.tasks.resolve(taskId, { step: 'only', result: textOf(1_501) }),
  )
  expect(code).toBe('REQUEST_INVALID')
  expect(message).toContain(
    'it takes 1501 bytes of JSON, the limit is 1500 (execution.resultMaxBytes)',
  )
  expect(message).not.toContain('xxx')
  expect((await tasker.tasks.get(taskId)).state).toBe('error')

  await tasker.tasks.resolve(taskId, { step: 'only', result: textOf(1_500) })
  expect((await tasker.tasks.get(taskId)).state).toBe('complete')
})
