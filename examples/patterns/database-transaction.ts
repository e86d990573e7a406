// A database step with a transaction: with `transaction: true` the handler writes through `tx`, and its writes, its result and
// its outcome commit together, exactly once. Whatever throws is rolled back.
import { defineTask, PermanentError } from '@tasker/engine'
import { z } from 'zod'
import { runAlone } from './run-alone.ts'

export const transfer = defineTask({
  namespace: 'patterns',
  name: 'transfer',
  context: z.object({ from: z.string(), to: z.string(), cents: z.number().int().positive() }),
}).step('book', { transaction: true, timeoutMs: 5_000 }, async ({ context, tx }) => {
  const { from, to, cents } = context
  await tx.query('update accounts set cents = cents + $2 where name = $1', [to, cents])
  const { rows } = await tx.query(
    'update accounts set cents = cents - $2 where name = $1 returning cents',
    [from, cents],
  )
  const left = (rows as readonly { readonly cents: number }[])[0]?.cents ?? -1 // as asked for
  // The other account has its money already; that is undone too.
  if (left < 0) throw new PermanentError(`${from} has not enough`, { code: 'INSUFFICIENT_FUNDS' })
  return { left }
})

/** The application's own tables, which its migrations make. */
export const accounts = defineTask({ namespace: 'patterns', name: 'accounts' }).step(
  'open',
  { transaction: true, timeoutMs: 5_000 },
  async ({ tx }) => {
    await tx.query('create table if not exists accounts (name text primary key, cents integer)')
    await tx.query(
      `insert into accounts values ('ann', 100), ('bob', 0)
       on conflict (name) do update set cents = excluded.cents`,
    )
  },
)

export const balances = defineTask({ namespace: 'patterns', name: 'balances' }).step(
  'read',
  { transaction: true, timeoutMs: 5_000 },
  async ({ tx }) => {
    const { rows } = await tx.query('select name, cents from accounts order by name')
    return rows as readonly { readonly name: string; readonly cents: number }[] // as asked for
  },
)

await runAlone(import.meta, { definitions: [transfer, accounts, balances] }, async (tasker) => {
  const opened = await tasker.tasks.create(accounts, { context: {} })
  await tasker.tasks.waitFor(opened.taskId)
  for (const cents of [70, 70]) {
    const context = { from: 'ann', to: 'bob', cents }
    const { taskId } = await tasker.tasks.create(transfer, { context })
    const { state, steps } = await tasker.tasks.waitFor(taskId)
    console.log(state, steps[0]?.error?.['code'] ?? 'ok')
  }
  // prints: complete ok
  // prints: error INSUFFICIENT_FUNDS
  const read = await tasker.tasks.create(balances, { context: {} })
  const { results } = await tasker.tasks.waitFor(read.taskId, { of: balances })
  console.log(JSON.stringify(results.read)) // prints: [{"name":"ann","cents":30},{"name":"bob","cents":70}]
})
