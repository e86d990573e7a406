// Custom handler base classes: what many handlers share stands once in a class of yours. Here: steps that write to a
// database get its client, a bulk insert, and errors that say whether trying again can help.
import {
  defineTask,
  PermanentError,
  RetryableError,
  StepHandler,
  type DatabaseClient,
  type HandledTask,
  type Json,
  type StepSequence,
} from '@tasker/engine'
import { z } from 'zod'
import { runAlone } from './run-alone.ts'

/** Of steps with `transaction: true`. Implement `write`. */
export abstract class DatabaseStep<Result extends Json> extends StepHandler<Result> {
  protected abstract write(
    client: DatabaseClient,
    task: HandledTask,
    sequence: StepSequence,
  ): Promise<Result>

  override async process(task: HandledTask, sequence: StepSequence): Promise<Result> {
    const { tx, stepName } = this.execution
    if (tx === null) throw new PermanentError(`Step ${stepName} needs transaction: true`)
    try {
      return await this.write(tx, task, sequence)
    } catch (error) {
      throw asStepError(error)
    }
  }

  /** In one statement for each thousand rows. */
  protected async bulkInsert(
    client: DatabaseClient,
    { table, column }: { readonly table: string; readonly column: string },
    values: readonly string[],
    batchSize = 1_000,
  ): Promise<void> {
    for (let from = 0; from < values.length; from += batchSize) {
      const batch = values.slice(from, from + batchSize)
      await client.query(`insert into ${table} (${column}) select unnest($1::text[])`, [batch])
    }
  }
}

/** Data that the database refuses (classes 22 and 23) is refused again; all else may be better later. */
function asStepError(cause: unknown): unknown {
  const code: unknown = typeof cause === 'object' && cause !== null && 'code' in cause && cause.code
  if (typeof code !== 'string') return cause
  return /^2[23]/.test(code)
    ? new PermanentError('the database refuses the rows', { code: 'ROWS_REFUSED', cause })
    : new RetryableError('the database failed', { cause })
}

class ImportOrders extends DatabaseStep<{ readonly imported: number }> {
  protected override async write(client: DatabaseClient, task: HandledTask) {
    const ids = task.context['ids'] as readonly string[] // checked by the definition
    await client.query('create table if not exists imported_orders (id text unique)')
    await this.bulkInsert(client, { table: 'imported_orders', column: 'id' }, ids)
    return { imported: ids.length }
  }
}

export const orderImport = defineTask({
  namespace: 'patterns',
  name: 'order_import',
  context: z.object({ ids: z.array(z.string()) }),
}).step('import', { transaction: true, timeoutMs: 10_000 }, ImportOrders)

await runAlone(import.meta, { definitions: [orderImport] }, async (tasker) => {
  const stamp = process.hrtime.bigint().toString() // new rows at each run of this file
  for (const ids of [[`${stamp}-1`, `${stamp}-2`], [`${stamp}-1`]]) {
    const { taskId } = await tasker.tasks.create(orderImport, { context: { ids } })
    const { state, results, steps } = await tasker.tasks.waitFor(taskId, { of: orderImport })
    const error = steps[0]?.error
    console.log(state, results.import?.imported ?? error?.['code'], steps[0]?.attempts)
  }
  // prints: complete 2 1
  // prints: error ROWS_REFUSED 1
})
