// The configuration file of a worker that is told to stop while a step runs: that step ends only then.
import { once } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { defineTask } from '@tasker/engine'
import { defineConfig } from '../src/index.ts'

const stopped = defineTask({ namespace: 'tests', name: 'stopped' })
  .step('until_told', async () => {
    await once(process, 'SIGTERM')
    await nextTurn() // the worker has been told as well
  })
  .step('afterwards', { dependsOn: ['until_told'] }, async () => null)

export default defineConfig({ definitions: [stopped] })
