// Diamonds for the crash points: four steps whose handlers do nothing but leave traces, in three variants. One definition per
// case, so that only the process of the case runs its task.
import { setTimeout as pause } from 'node:timers/promises'
import { defineTask, type GivenDefinition, type Json, type StepExecution } from '@tasker/engine'
import type { Ledger } from './ledger.ts'

/** `plain`: with an annotations hook. `in_transaction`: every step writes in a transaction. `deadline`: the first step hangs. */
export const variants = ['plain', 'in_transaction', 'deadline'] as const
export type Variant = (typeof variants)[number]

/** In the order in which one slot runs them. */
export const diamondSteps = ['top', 'left', 'right', 'bottom'] as const

/** What steps in a transaction write: exactly once, whatever happens. */
export const bookingsTable = `
  create table if not exists chaos.bookings (
    task_id uuid not null,
    step text not null,
    claim_no integer not null
  )`

export const addressOf = (id: string): string => `crash/diamond_${id}@1.0.0`

/** Called by each handler after its entry in the ledger; resolves when the handler may go on. */
export type Hold = (execution: StepExecution) => Promise<void>

/** Far away: crash-points.ts brings it near once the first step runs. */
const deadlineMs = 3_600_000

export function diamond(
  id: string,
  variant: Variant,
  parts: { readonly ledger: Ledger; readonly hold: Hold },
): GivenDefinition {
  const run = (execution: StepExecution): Promise<Json> =>
    parts.ledger.keep(execution, async () => {
      await parts.hold(execution)
      await execution.tx?.query('insert into chaos.bookings values ($1, $2, $3)', [
        execution.taskId,
        execution.stepName,
        execution.claimNo,
      ])
      if (variant === 'deadline' && execution.stepName === 'top')
        await pause(600_000, undefined, { signal: execution.signal })
      return [execution.stepName, execution.results]
    })
  return define(id, variant, run)
}

/** For whoever creates the tasks and runs none. */
export const diamondToCreate = (id: string, variant: Variant): GivenDefinition =>
  define(id, variant, async () => null)

function define(
  id: string,
  variant: Variant,
  run: (execution: StepExecution) => Promise<Json>,
): GivenDefinition {
  const options = { timeoutMs: 60_000, transaction: variant === 'in_transaction' }
  // The typed executions of the four steps are narrower than what `run` takes.
  const handler = (execution: unknown): Promise<Json> => run(execution as StepExecution)
  const builder = defineTask({
    namespace: 'crash',
    name: `diamond_${id}`,
    version: '1.0.0',
    ...(variant === 'deadline' ? { maxExecutionMs: deadlineMs } : {}),
  })
    .step('top', options, handler)
    .step('left', { ...options, dependsOn: ['top'] }, handler)
    .step('right', { ...options, dependsOn: ['top'] }, handler)
    .step('bottom', { ...options, dependsOn: ['left', 'right'] }, handler)
  if (variant !== 'plain') return builder
  return builder.annotate(async () => [{ type: 'seen', annotation: { by: 'hook' } }])
}
