// Which step runs first when there are more than slots: by priority, then by due time.
import { expect, test } from 'vitest'
import { defineTask } from '../../src/definitions/builder.ts'
import type { Priority } from '../../src/states.ts'
import { databaseForFile } from '../support/database.ts'
import { gate } from './handlers.ts'
import { stage } from './stage.ts'

const database = databaseForFile()

test('with one slot, critical tasks run before high, normal and low, whatever came first', async () => {
  const order: string[] = []
  const definition = defineTask({ name: 'by_priority' }).step('only', async ({ context }) => {
    order.push(JSON.stringify(context['priority']))
  })
  const { tasker } = await stage(database.url, {
    definitions: [definition],
    slots: 1,
    isWorking: false,
  })
  for (const priority of [
    'low',
    'normal',
    'high',
    'critical',
    'normal',
  ] as const satisfies readonly Priority[]) {
    await tasker.tasks.create(definition, { context: { priority }, priority })
  }
  await tasker.worker.start()
  await tasker.worker.idle()
  expect(order).toEqual(['"critical"', '"high"', '"normal"', '"normal"', '"low"'])
})

test('across definitions too', async () => {
  const order: string[] = []
  const [one, two] = ['lane_one', 'lane_two'].map((name) =>
    defineTask({ name }).step(
      'only',
      async ({ context }) => void order.push(JSON.stringify(context['at'])),
    ),
  )
  if (one === undefined || two === undefined) throw new Error('there are two')
  const { tasker } = await stage(database.url, {
    definitions: [one, two],
    slots: 1,
    isWorking: false,
  })
  await tasker.tasks.create(one, { context: { at: 'one low' }, priority: 'low' })
  await tasker.tasks.create(two, { context: { at: 'two high' }, priority: 'high' })
  await tasker.tasks.create(one, { context: { at: 'one critical' }, priority: 'critical' })
  await tasker.worker.start()
  await tasker.worker.idle()
  expect(order).toEqual(['"one critical"', '"two high"', '"one low"'])
})

test('a step’s own priority goes before that of its task', async () => {
  const order: string[] = []
  const note = async ({ stepName }: { stepName: string }) => void order.push(stepName)
  const definition = defineTask({ name: 'step_priority' })
    .step('background', { priority: 'low' }, note)
    .step('usual', note)
    .step('urgent', { priority: 'critical' }, note)
  const { tasker } = await stage(database.url, {
    definitions: [definition],
    slots: 1,
    isWorking: false,
  })
  await tasker.tasks.create(definition, { context: {}, priority: 'high' })
  await tasker.worker.start()
  await tasker.worker.idle()
  expect(order).toEqual(['urgent', 'usual', 'background'])
})

test('of equal priority the one that is due longest runs first', async () => {
  const order: string[] = []
  const definition = defineTask({ name: 'by_due_time' }).step(
    'only',
    async ({ context }) => void order.push(JSON.stringify(context['n'])),
  )
  const { tasker, clock } = await stage(database.url, {
    definitions: [definition],
    slots: 1,
    isWorking: false,
  })
  for (const n of [1, 2, 3]) {
    await tasker.tasks.create(definition, { context: { n } })
    await clock.advance(10)
  }
  await tasker.worker.start()
  await tasker.worker.idle()
  expect(order).toEqual(['1', '2', '3'])
})

test('children of a long chain do not keep a critical task waiting for ever', async () => {
  const order: string[] = []
  const first = gate()
  let chain = defineTask({ name: 'greedy_chain' }).step('s0', async () => {
    await first.opened
    order.push('s0')
  })
  for (let index = 1; index < 20; index += 1) {
    const name = `s${index}`
    // The chain's type would grow with each step; the names are checked at run time.
    chain = chain.step(
      name as never,
      { dependsOn: [`s${index - 1}` as never] },
      async () => void order.push(name),
    ) as never
  }
  const urgent = defineTask({ name: 'urgent', priority: 'critical' }).step(
    'only',
    async () => void order.push('urgent'),
  )
  const { tasker, events, run } = await stage(database.url, {
    definitions: [chain, urgent],
    slots: 1,
  })
  const { taskId } = await tasker.tasks.create('greedy_chain', { context: {}, priority: 'low' })
  await events.until('step.execution_requested')
  await tasker.tasks.create(urgent, { context: {} })
  first.open()
  await run(taskId)
  expect(order.indexOf('urgent')).toBeGreaterThan(0)
  expect(order.indexOf('urgent')).toBeLessThanOrEqual(3)
})
