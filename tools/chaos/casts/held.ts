// A cast for freezing: `chaos/held`, a chain of a slow step and one behind it, and the same with the slow one in a
// transaction that locks a row. Options: `holdMs`, how long the slow step takes;
// `stopsAtFinish`, whether the process stops itself (SIGSTOP) with an outcome in hand, just before the call that records it.
import { setTimeout as pause } from 'node:timers/promises'
import { AttemptAborted, defineTask, type StepExecution } from '@tasker/engine'
import type { MakeCast } from '../cast.ts'
import { heldInTransaction, heldSettings, heldTask } from '../held-task.ts'
import { tailDefinition } from '../tail.ts'

export const makeCast: MakeCast = ({ ledger, name, options, say }) => {
  const holdMs = Number(options['holdMs'])
  let isToStop = options['stopsAtFinish'] === true
  const hold = (execution: StepExecution): Promise<{ by: number }> =>
    ledger.keep(execution, async () => {
      const { signal, claimNo } = execution
      signal.addEventListener('abort', () => {
        const reason: unknown = signal.reason
        say(`called off: ${reason instanceof AttemptAborted ? reason.abortCause : 'unknown'}`)
      })
      say('began')
      await pause(holdMs, undefined, { signal })
      return { by: claimNo }
    })
  return {
    definitions: [
      defineTask(heldTask)
        // A step without parents has narrower types than an execution in general.
        .step('slow', (execution) => hold(execution as unknown as StepExecution))
        .step('after', { dependsOn: ['slow'] }, async ({ results }) => results.slow),
      defineTask(heldInTransaction)
        .step('slow', heldSettings, async (execution) => {
          const { tx, taskId } = execution
          await tx.query('insert into chaos.accounts (task_id) values ($1)', [taskId])
          return hold(execution)
        })
        .step('after', { dependsOn: ['slow'] }, async ({ results }) => results.slow),
      tailDefinition(name, ledger),
    ],
    watch: {
      before({ name: called, values }) {
        if (!isToStop || called !== 'finish_steps' || !String(values[2]).includes('complete'))
          return
        isToStop = false
        process.kill(process.pid, 'SIGSTOP')
      },
    },
  }
}
