// The configuration file of tests that compare definitions: two versions of one, and a task that fails.
import { defineTask, PermanentError } from '@tasker/engine'
import { defineConfig } from '../src/index.ts'

const ok = async () => null
const first = defineTask({ namespace: 'tests', name: 'import', version: '1.0.0' })
  .step('read', ok)
  .step('write', { dependsOn: ['read'], retry: { limit: 3 } }, ok)
  .step('report', { dependsOn: ['write'] }, ok)

const second = defineTask({ namespace: 'tests', name: 'import', version: '1.1.0' })
  .step('read', ok)
  .step('write', { dependsOn: ['read'], retry: { limit: 5 } }, ok)
  .step('report', { dependsOn: ['write'] }, ok)

const third = defineTask({ namespace: 'tests', name: 'import', version: '2.0.0' })
  .step('read', ok)
  .step('write', { dependsOn: ['read'], retry: { limit: 5 } }, ok)

const refuse = defineTask({ namespace: 'tests', name: 'refuse', version: '1.0.0' })
  .step('ask', async () => {
    throw new PermanentError('The answer is no.', { code: 'REFUSED' })
  })
  .step('go_on', { dependsOn: ['ask'] }, ok)

export default defineConfig({ definitions: [first, second, third, refuse] })
