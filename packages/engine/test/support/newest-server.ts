// Global setup of the projects that run against the newest supported server, the embedded one.
import type { TestProject } from 'vitest/node'
import { provideServer } from './provide-server.ts'
import { startNewestServer } from './server.ts'

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  return provideServer(project, await startNewestServer())
}
