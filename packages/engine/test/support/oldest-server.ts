// Global setup of the project that runs against the oldest supported server, installed on this machine.
import type { TestProject } from 'vitest/node'
import { findOldestServer } from './oldest-binaries.ts'
import { provideServer } from './provide-server.ts'
import { startOldestServer } from './server.ts'

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const binaries = findOldestServer()
  if (binaries === null) throw new Error('vitest.config.ts leaves this project out without them.')
  return provideServer(project, await startOldestServer(binaries))
}
