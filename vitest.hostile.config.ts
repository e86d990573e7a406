// The engine's tests under hostile settings: same outcomes. `npm run hostile`, or some of them: `npm run hostile -- protocol`.
import { defineConfig } from 'vitest/config'
import { hostileOptions } from './packages/engine/test/support/hostile-options.ts'
import { project } from './vitest.config.ts'

export default defineConfig({
  test: {
    maxWorkers: 2,
    fsModuleCache: false,
    projects: [
      project('hostile', {
        include: ['packages/engine/test/**/*.test.ts'],
        // About the settings themselves: what the doctor thinks of them, what concurrency makes of them, how often they ask; and
        // what a worker of fifty slots costs.
        exclude: [
          'packages/engine/test/scenarios/{doctor,concurrency,wake-up}.test.ts',
          'packages/engine/test/plans/*.test.ts',
        ],
        globalSetup: './packages/engine/test/support/hostile-server.ts',
        env: hostileOptions,
        provide: { isHostile: true },
        // One slot and one connection: what ran side by side waits for its turn.
        testTimeout: 60_000,
      }),
    ],
  },
})
