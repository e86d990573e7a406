// The configuration file of workers that are scraped: tasks of every end, with retries and waits on the way.
import { defineTask, PermanentError, RetryableError } from '@tasker/engine'
import { defineConfig } from '../src/index.ts'

const soon = { afterMs: 0 }

const plain = defineTask({ namespace: 'scraped', name: 'plain' })
  .step('first', async () => null)
  .step('second', { dependsOn: ['first'] }, async () => null)
  .step('third', { dependsOn: ['first'] }, async () => null)
  .step('last', { dependsOn: ['second', 'third'] }, async () => null)

const flaky = defineTask({ namespace: 'scraped', name: 'flaky', version: '2.1.0' }).step(
  'second_try',
  async ({ attempt }) => {
    if (attempt === 1) throw new RetryableError('Not yet.', soon)
    return null
  },
)

const hopeless = defineTask({ namespace: 'scraped', name: 'hopeless' }).step(
  'never',
  { retry: { limit: 2 } },
  async () => {
    throw new RetryableError('Never.', soon)
  },
)

const refused = defineTask({ namespace: 'others', name: 'refused' })
  .step('ask', async () => {
    throw new PermanentError('The answer is "no".')
  })
  .step('afterwards', { dependsOn: ['ask'] }, async () => null)

const patient = defineTask({ namespace: 'others', name: 'patient' }).step(
  'wait_once',
  async ({ claimNo, waitUntil }) =>
    claimNo === 1 ? waitUntil(new Date('2020-01-01T00:00:00Z'), 'a \\ "while"') : null,
)

/** Goes on until it is called off, and then answers all the same: too late. */
const stubborn = defineTask({ namespace: 'others', name: 'stubborn' }).step(
  'finish_anyway',
  async ({ signal }) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    signal.addEventListener('abort', () => resolve())
    await promise
    return 'done'
  },
)

/** Of a namespace that the test holds. */
const kept = defineTask({ namespace: 'held', name: 'kept' }).step('start', async () => null)

export default defineConfig({
  definitions: [plain, flaky, hopeless, refused, patient, stubborn, kept],
})
