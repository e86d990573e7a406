// The configuration file of two workers of which one is killed, and its steps are soon taken over.
import { defineTask } from '@tasker/engine'
import { defineConfig } from '../src/index.ts'

const plain = defineTask({ namespace: 'followed', name: 'plain' })
  .step('first', async () => 1)
  .step('second', { dependsOn: ['first'] }, async () => 2)

/** Ends with its worker; whoever takes it over completes it. */
const stuck = defineTask({ namespace: 'followed', name: 'stuck' }).step(
  'hangs',
  async ({ claimNo, signal }) => {
    if (claimNo === 1) await new Promise((resolve) => signal.addEventListener('abort', resolve))
    return claimNo
  },
)

export default defineConfig({
  definitions: [plain, stuck],
  orchestration: { heartbeatIntervalMs: 250, leaseMs: 1_000, scanIntervalMs: 250 },
})
