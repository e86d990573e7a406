// A Tasker of its own for a stand-in that creates and reads tasks, as another team's server would: made when it is first asked
// for, on the database of `DATABASE_URL` or the embedded one, where `tasker dev` runs the steps.
import { createTasker, type GivenDefinition, type Tasker } from '@tasker/engine'
import { exampleSettings } from './settings.ts'

export interface OwnTasker {
  readonly open: () => Promise<Tasker>
  readonly close: () => Promise<void>
}

export function ownTasker(definitions: readonly GivenDefinition[]): OwnTasker {
  let opened: Promise<Tasker> | null = null
  return {
    async open() {
      opened ??= createTasker({ ...exampleSettings, definitions })
      return opened
    },
    async close() {
      await (await opened)?.close()
    },
  }
}
