// The cast behind a pooler: random graphs, a step whose writes commit with its outcome, and one that runs until it is
// called off.
import { once } from 'node:events'
import { defineTask } from '@tasker/engine'
import type { MakeCast } from '../cast.ts'
import type { Ledger } from '../ledger.ts'
import { dagDefinitions } from '../random-dags.ts'
import { tailDefinition } from '../tail.ts'

export const makeCast: MakeCast = ({ ledger, name, say }) => ({
  definitions: [
    ...dagDefinitions(ledger),
    transfer(ledger),
    endless(() => say('called off')),
    tailDefinition(name, ledger),
  ],
})

/** Writes one row to chaos.transfers, in the transaction of its step. */
export const transfer = (ledger: Ledger | null) =>
  defineTask({ namespace: 'chaos', name: 'transfer', version: '1.0.0' })
    .step('book', { transaction: true, timeoutMs: 10_000 }, async (execution) => {
      const book = async (): Promise<null> => {
        await execution.tx.query('insert into chaos.transfers (task_id) values ($1)', [
          execution.taskId,
        ])
        return null
      }
      return ledger === null ? book() : ledger.keep(execution, book)
    })
    .step('confirm', { dependsOn: ['book'] }, async () => null)

/** Runs until it is called off. */
export const endless = (calledOff: () => void) =>
  defineTask({ namespace: 'chaos', name: 'endless', version: '1.0.0' }).step(
    'run',
    async ({ signal }) => {
      await once(signal, 'abort')
      calledOff()
      return null
    },
  )
