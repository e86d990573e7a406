// The cast of the soak: what a service runs all day. Diamonds, which measure their hops, waits, retries, failures for good,
// and steps that write in a transaction.
import { defineTask, PermanentError, type GivenDefinition, type Json } from '@tasker/engine'
import type { MakeCast } from '../cast.ts'
import { tailDefinition } from '../tail.ts'

/** What one call of the harness creates, and in which state each of it ends. */
export const mixture = [
  { name: 'diamond', share: 5, endsAs: 'complete' },
  { name: 'waiting', share: 2, endsAs: 'complete' },
  { name: 'retrying', share: 2, endsAs: 'complete' },
  { name: 'booking', share: 2, endsAs: 'complete' },
  { name: 'failing', share: 1, endsAs: 'error' },
] as const

export const accountCount = 16

/** Written by steps in a transaction. */
export const accountsTable = `
  create table chaos.accounts (account integer primary key, booked integer not null default 0)
    with (fillfactor = 20);
  insert into chaos.accounts select generate_series(0, ${accountCount - 1})`

const hopsEveryMs = 1_000
const waitMs = 200
const padding = 'x'.repeat(80)

export const makeCast: MakeCast = ({ name, ledger, say }) => {
  let hopsMs: number[] = []
  setInterval(() => {
    if (hopsMs.length > 0) say('hops', { ms: hopsMs })
    hopsMs = []
  }, hopsEveryMs).unref()
  return {
    definitions: [...soakDefinitions((ms) => hopsMs.push(ms)), tailDefinition(name, ledger)],
  }
}

/** `hopped` is told the milliseconds from the end of a step's last parent to its own beginning. */
export function soakDefinitions(hopped: (ms: number) => void): readonly GivenDefinition[] {
  const define = (name: string) => defineTask({ namespace: 'soak', name, version: '1.0.0' })
  const hop = async ({ results }: { readonly results: Readonly<Record<string, Json>> }) => {
    // Each parent is a step of this function.
    const parents = Object.values(results) as { readonly endedAtMs: number }[]
    hopped(monotonicMs() - Math.max(...parents.map(({ endedAtMs }) => endedAtMs)))
    return { endedAtMs: monotonicMs(), padding }
  }
  return [
    define('diamond')
      .step('top', async () => ({ endedAtMs: monotonicMs(), padding }))
      .step('left', { dependsOn: ['top'] }, hop)
      .step('right', { dependsOn: ['top'] }, hop)
      .step('bottom', { dependsOn: ['left', 'right'] }, hop),
    define('waiting')
      .step('poll', async (execution) => {
        if (execution.claimNo > 1) return null
        const at = performance.timeOrigin + performance.now() + waitMs
        return execution.waitUntil(new Date(at), 'not there yet')
      })
      .step('after', { dependsOn: ['poll'] }, async () => null),
    define('retrying')
      .step('flaky', { retry: { limit: 3 } }, async ({ attempt }) => {
        if (attempt === 1) throw new Error('the first attempt always fails')
        return null
      })
      .step('after', { dependsOn: ['flaky'] }, async () => null),
    define('booking').step(
      'book',
      { transaction: true, timeoutMs: 10_000 },
      async ({ context, tx }) => {
        await tx.query('update chaos.accounts set booked = booked + 1 where account = $1', [
          context['account'],
        ])
        return null
      },
    ),
    define('failing').step('refuse', async () => {
      throw new PermanentError('as scripted')
    }),
  ]
}

/** One clock for all processes of this machine, which nobody sets. */
const monotonicMs = (): number => Number(process.hrtime.bigint() / 1_000n) / 1_000
