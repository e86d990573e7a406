// Priority among ready steps: of what may run, `critical` goes before `high`, `normal` and `low`, over all tasks. A step
// without a priority has that of its task.
import { defineTask } from '@tasker/engine'
import { z } from 'zod'
import { oneAtATime, runAlone } from './run-alone.ts'

/** `note` hears each step when it starts. */
export const shiftOf = (note: (step: string) => void) =>
  defineTask({
    namespace: 'patterns',
    name: 'shift',
    context: z.object({ ward: z.string() }),
    priority: 'low',
  })
    .step('tidy_up', async () => note('tidy_up'))
    .step('take_blood', { priority: 'normal' }, async () => note('take_blood'))
    .step('see_patient', { priority: 'high' }, async () => note('see_patient'))
    .step('answer_alarm', { priority: 'critical' }, async () => note('answer_alarm'))

const order: string[] = []
const shift = shiftOf((step) => order.push(step))
// One at a time, so that there is an order to see.
await runAlone(import.meta, { definitions: [shift], execution: oneAtATime }, async (tasker) => {
  const { taskId } = await tasker.tasks.create(shift, { context: { ward: 'B' } })
  await tasker.tasks.waitFor(taskId)
  console.log(order.join(' → ')) // prints: answer_alarm → see_patient → take_blood → tidy_up
})
