// The tests, as projects: one per package, one for the repository's own rules, and one that runs part of the engine's
// tests again on the oldest supported PostgreSQL. The stages around them are tools/check.ts.
import { fileURLToPath } from 'node:url'
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'
import {
  findOldestServer,
  oldestMajorVersion,
} from './packages/engine/test/support/oldest-binaries.ts'
import { folderInMemory } from './tools/folder-in-memory.ts'

/** Workspaces resolve to their sources, so that tests need no build and coverage counts what is written. */
const sourceCondition = '@tasker/source'
/** Limits are for what hangs: a machine that is busy with other things may take many times as long as usual. */
const testTimeout = 300_000
const newestServer = './packages/engine/test/support/newest-server.ts'
const oldestServer = './packages/engine/test/support/oldest-server.ts'

// Vite looks for optional peers by itself, without the condition, and would want them built. Of `graphql` it would take the file
// that only bundlers read, beside the one that Node reads for every other package: types of the two do not know each other.
const aliases = {
  graphql: fileURLToPath(new URL('node_modules/graphql/index.js', import.meta.url)),
  '@tasker/embedded-postgres': fileURLToPath(
    new URL('packages/embedded-postgres/src/index.ts', import.meta.url),
  ),
}

// Read by this process and by all that it starts. Of nothing that is tested here the disk is a part: that is tools/chaos.
const temporaryFolder = process.env['TMPDIR'] ?? folderInMemory()
if (temporaryFolder !== null) process.env['TMPDIR'] = temporaryFolder

export function project(
  name: string,
  test: TestProjectInlineConfiguration['test'],
): TestProjectInlineConfiguration {
  return {
    resolve: { conditions: [sourceCondition], alias: aliases },
    ssr: { resolve: { conditions: [sourceCondition, 'node'] } },
    test: {
      name,
      pool: 'forks',
      isolate: false, // what is imported is kept for the next file: a quarter of the processor time
      testTimeout,
      hookTimeout: testTimeout,
      ...test,
    },
  }
}

/**
 * The oldest supported server, where there is one; in CI its absence is a fault. What is written in SQL runs there each
 * time; the scenarios, which are about the processes, plans and statistics when TASKER_TEST_OLDEST is `all`.
 */
function oldestServerProject(): readonly TestProjectInlineConfiguration[] {
  if (findOldestServer() !== null) {
    const isAll = process.env['TASKER_TEST_OLDEST'] === 'all'
    const folders = ['protocol', 'sql', ...(isAll ? ['plans', 'scenarios', 'statistics'] : [])]
    const include = folders.map((folder) => `packages/engine/test/${folder}/**/*.test.ts`)
    const exclude = isAll ? [] : ['**/*plans.test.ts']
    const test = { include, exclude, globalSetup: oldestServer }
    return [project(`engine-pg${oldestMajorVersion}`, test)]
  }
  const notice = `not run here: no PostgreSQL ${oldestMajorVersion} on PATH`
  if (process.env['CI'] === 'true') throw new Error(`engine-pg${oldestMajorVersion}: ${notice}`)
  console.warn(`\n*** engine-pg${oldestMajorVersion}: ${notice} ***\n`)
  return []
}

export default defineConfig({
  test: {
    maxWorkers: 3, // of two cores: who starts processes waits for them
    // The cache of transformed files keeps where an import resolved to, even after that has changed.
    fsModuleCache: false,
    projects: [
      project('engine', {
        include: ['packages/engine/test/**/*.test.ts'],
        globalSetup: newestServer,
        typecheck: { enabled: false }, // compile-time tests are part of `tsc -p tsconfig.check.json`
      }),
      ...oldestServerProject(),
      project('embedded-postgres', { include: ['packages/embedded-postgres/test/**/*.test.ts'] }),
      project('server', {
        include: ['packages/server/test/**/*.test.ts'],
        globalSetup: newestServer,
      }),
      project('cli', { include: ['packages/cli/test/**/*.test.ts'], globalSetup: newestServer }),
      project('examples', {
        include: ['examples/**/*.test.ts'],
        globalSetup: newestServer,
      }),
      project('bench', { include: ['bench/test/**/*.test.ts'] }),
      project('repo', { include: ['test/**/*.test.ts'] }),
    ],
    coverage: {
      provider: 'v8',
      reportOnFailure: true,
      include: ['packages/*/src/**/*.ts'],
      // No table: it would stand after what failed, where the output is cut.
      reporter: ['json-summary', 'html'],
      reportsDirectory: 'coverage',
      thresholds: { 'packages/engine/src/**': { lines: 90 } },
    },
  },
})
