// The tail check: after healing, each worker still works. Every worker has a definition of its own, which no other one
// serves, so that a task of it ends only when that very worker lives.
import { defineTask, type GivenDefinition, type RunStep } from '@tasker/engine'
import type { Ledger } from './ledger.ts'

/** For casts: a definition that only the worker of this name serves. */
export const tailDefinition = (worker: string, ledger: Ledger): GivenDefinition =>
  define(worker, (execution) => ledger.keep(execution, async () => ({ by: worker })))

export const tailToCreate = (worker: string): GivenDefinition => define(worker, async () => null)

const define = (worker: string, run: RunStep): GivenDefinition =>
  defineTask({ namespace: 'tail', name: `tail_of_${worker}`, version: '1.0.0' })
    .step('first', async (execution) => {
      await run(execution)
      return null
    })
    .step('second', { dependsOn: ['first'] }, async () => null)
