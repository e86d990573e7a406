// The PostgreSQL server that test databases are made on: a given one, or the embedded one, which all processes of a test
// run share. Embedded, it lies in the temporary folder, does not wait for the disk, and stops with its last user.
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { embeddedDatabase } from '../embedded.ts'
import { silentLogger } from '../log.ts'
import { packageVersion } from '../version.ts'

export interface TestServer {
  readonly url: string
  /** This process needs it no more. The embedded server stops with its last user; any other goes on. */
  release(): Promise<void>
}

/**
 * Starts the embedded test server, or adopts it where it runs already. Hold it for a whole test run (`globalSetup` of vitest
 * and jest), so that it is started once:
 *
 * ```ts
 * export default async function setup() {
 *   const server = await startTestServer()
 *   return () => server.release()
 * }
 * ```
 *
 * Needs the package `@tasker/embedded-postgres`.
 * @throws {TaskerError} DATABASE_REQUIRED when that package is not installed.
 */
export async function startTestServer(): Promise<TestServer> {
  const folder = join(tmpdir(), `tasker-test-${process.getuid?.() ?? 'user'}-${packageVersion}`)
  return embeddedDatabase(folder, silentLogger, 'unsafe_for_tests')
}

/** A server that runs anyway, or the embedded one. */
export function testServerAt(url: string | undefined): Promise<TestServer> {
  return url === undefined
    ? startTestServer()
    : Promise.resolve({ url, release: () => Promise.resolve() })
}
