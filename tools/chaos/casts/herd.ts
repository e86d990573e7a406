// The cast of the herd: tasks of one step, which fail once where their context says so, as after an outage of what they call,
// and the same in a lane of their own.
import { defineTask, type GivenDefinition } from '@tasker/engine'
import type { MakeCast } from '../cast.ts'
import { tailDefinition } from '../tail.ts'

export const makeCast: MakeCast = ({ ledger, name }) => ({
  definitions: [...herdDefinitions, tailDefinition(name, ledger)],
})

/** `herd/flood`, and `herd/other` in another lane. */
export const herdDefinitions: readonly GivenDefinition[] = ['flood', 'other'].map((name) =>
  defineTask({ namespace: 'herd', name, version: '1.0.0' }).step(
    'run',
    { retry: { limit: 3 } },
    async ({ context, attempt }) => {
      const { isAway } = context as { readonly isAway?: boolean } // herd.ts wrote it
      if (isAway === true && attempt === 1) throw new Error('away')
      return attempt
    },
  ),
)
