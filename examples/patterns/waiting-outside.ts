// A step that waits for something outside, without holding a slot: it asks, and where there is no answer yet returns
// `waitUntil`. The attempt is handed back and nothing runs meanwhile; who knows the answer first wakes the step.
import { defineTask } from '@tasker/engine'
import { z } from 'zod'
import { oneAtATime, runAlone } from './run-alone.ts'

export interface Approvals {
  /** Null: nobody has decided. */
  decisionOn(contract: string): Promise<'approved' | 'refused' | null>
}

export const contractWith = (approvals: Approvals, askAgainMs = 3_600_000) =>
  defineTask({
    namespace: 'patterns',
    name: 'contract',
    context: z.object({ contract: z.string() }),
  })
    .step('approval', async ({ context, waitUntil }) => {
      const decision = await approvals.decisionOn(context.contract)
      if (decision !== null) return { decision }
      return waitUntil(new Date(Date.now() + askAgainMs), 'nobody has decided yet')
    })
    .step('file', { dependsOn: ['approval'] }, async ({ results }) => results.approval.decision)

const decisions = new Map<string, 'approved'>()
const contract = contractWith({
  decisionOn: async (name) => decisions.get(name) ?? null,
})
const errand = defineTask({ namespace: 'patterns', name: 'errand' }).step('run', async () => 'done')

const options = { definitions: [contract, errand], execution: oneAtATime }
await runAlone(import.meta, options, async (tasker) => {
  const waits = new Promise<void>((resolve) => {
    tasker.events.on('step.waiting', ({ stepName, reason }) => {
      console.log(stepName, 'waits:', reason) // prints: approval waits: nobody has decided yet
      resolve()
    })
  })
  const { taskId } = await tasker.tasks.create(contract, { context: { contract: 'C-1' } })
  await waits

  // The only slot is free for others meanwhile.
  const other = await tasker.tasks.create(errand, { context: {} })
  console.log((await tasker.tasks.waitFor(other.taskId, { of: errand })).results.run) // prints: done

  // Whoever takes the decision wakes the step, instead of leaving it to its next look in an hour.
  decisions.set('C-1', 'approved')
  await tasker.tasks.wake(taskId, { reason: 'approved by Ann' })
  const { results, steps } = await tasker.tasks.waitFor(taskId, { of: contract })
  console.log(results.file, 'at attempt', steps[0]?.attempts) // prints: approved at attempt 1
})
