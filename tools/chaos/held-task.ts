// The addresses of the tasks that casts/held.ts plays, definitions of them for whoever only creates them, and the table
// that the one in a transaction writes to.
import { defineTask, type GivenDefinition } from '@tasker/engine'

export const heldTask = { namespace: 'chaos', name: 'held', version: '1.0.0' } as const
export const heldInTransaction = { ...heldTask, name: 'held_in_transaction' } as const

/** Longer than any scenario waits: what a zombie has locked must not be freed by this. */
export const heldSettings = { transaction: true, timeoutMs: 600_000 } as const

/** An open transaction that has written a task's row keeps everybody else who writes it waiting. */
export const accountsTable = 'create table if not exists chaos.accounts (task_id uuid primary key)'

export const heldToCreate: readonly GivenDefinition[] = [
  defineTask(heldTask)
    .step('slow', async () => null)
    .step('after', { dependsOn: ['slow'] }, async () => null),
  defineTask(heldInTransaction)
    .step('slow', heldSettings, async () => null)
    .step('after', { dependsOn: ['slow'] }, async () => null),
]
