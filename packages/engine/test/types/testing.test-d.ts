// Compile-time tests of the test kit: step names, stubs and results are those of the definition. Checked by the type check;
// never run.
import { z } from 'zod'
import { defineTask } from '../../src/definitions/builder.ts'
import type { TaskDefinition } from '../../src/definitions/model.ts'
import type { TaskHandlerClass } from '../../src/definitions/task-handler.ts'
import { defineShape, shapes, type TestTask, type TestTasker } from '../../src/testing/index.ts'

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const holds = <Statement extends true>(statement?: Statement): void => void statement

declare const kit: TestTasker
declare const yamlDefinition: TaskDefinition
declare const OrderHandler: TaskHandlerClass

const order = defineTask({ name: 'order', context: z.object({ id: z.number() }) })
  .step('fetch', async ({ context }) => ({ total: context.id }))
  .step('charge', { dependsOn: ['fetch'] }, async () => ({ paid: true }))
  .expand(
    'notify',
    { dependsOn: ['charge'] },
    () => [{ key: 'mail', inputs: 1 }],
    async () => ({ sent: 1 }),
  )
const request = { context: { id: 1 } }

// Step names are checked, those of generated steps too.
kit.failStep(order, 'charge')
kit.failStep(order, 'notify')
kit.failStep(order, 'notify[mail]', { attempt: 2, error: 'as wanted' })
kit.hangStep(order, 'fetch', { times: 2 })
kit.crash(order, 'charge', 'after_handler')
// @ts-expect-error no such step
kit.failStep(order, 'chrage')
// @ts-expect-error only expansions have keys
kit.failStep(order, 'charge[mail]')
// @ts-expect-error one of the two
kit.failStep(order, 'charge', { attempt: 2, times: 2 })
// @ts-expect-error no such point
kit.crash(order, 'charge', 'during_lunch')

// A stub returns what the step returns, and its function gets the context of the definition.
kit.stub(order, 'fetch', { total: 3 })
kit.stub(order, 'fetch', ({ context }) => {
  holds<Equal<typeof context, { id: number }>>()
  return { total: context.id }
})
kit.stub(order, 'fetch', async ({ attempt, waitUntil }) =>
  attempt === 1 ? waitUntil(new Date(0), 'approval') : { total: 4 },
)
kit.stub(order, 'notify', { sent: 2 })
kit.stub(order, 'notify[mail]', { sent: 2 })
// @ts-expect-error not the result of fetch
kit.stub(order, 'fetch', { total: 'three' })
// @ts-expect-error neither from a function
kit.stub(order, 'fetch', async () => ({ total: 'three' }))
// @ts-expect-error nor of one generated step
kit.stub(order, 'notify[mail]', { sent: 'two' })

// Requests take the context of the definition; tasks know its names and results.
const task = await kit.create(order, request)
holds<Equal<typeof task, TestTask<typeof order>>>()
const done = await kit.run(order, request)
const total: number | undefined = done.results.fetch?.total
void total
await task.expectReady('fetch')
await task.expectSteps({ fetch: 'complete', 'notify[mail]': { attempts: 2 } })
await task.expectBlocked({ charge: 'parent' })
await task.expectHistory({ charge: ['in_progress', 'complete'] })
await task.runUntil({ charge: 'complete' })
await task.runUntil(({ results }) => results.charge?.paid === true)
// @ts-expect-error not the context of the definition
await kit.create(order, { context: { id: 'one' } })
// @ts-expect-error no such step
await task.expectReady('chrage')
// @ts-expect-error no such step
await task.expectSteps({ chrage: 'complete' })
// @ts-expect-error no such state
await task.expectSteps({ charge: 'done' })
// @ts-expect-error no such field
await task.expectSteps({ charge: { tries: 2 } })
// @ts-expect-error no such state
await task.expectState('done')

// A task that was created elsewhere gets its types from the definition.
await kit.task('an id', order).expectReady('charge')
// @ts-expect-error no such step
await kit.task('an id', order).expectReady('chrage')
await kit.task('an id').expectReady('anything')

// Definitions without types take any name and any JSON object as context.
for (const untyped of [yamlDefinition, OrderHandler, 'payments/order', defineShape(shapes.A)]) {
  kit.stub(untyped, 'anything', { any: 'result' })
  kit.failStep(untyped, 'anything[with a key]')
  const { results } = await kit.run(untyped, { context: { any: 'context' } })
  void results['anything']
}

// Events are found by fields of their payload.
const { retryAt } = await kit.nextEvent('step.failed', { stepName: 'charge', attempt: 1 })
holds<Equal<typeof retryAt, Date | null>>()
// @ts-expect-error no field of this event
await kit.nextEvent('task.completed', { stepName: 'charge' })
// @ts-expect-error no event
await kit.nextEvent('task.done')
