// What both global setups share: the templates, the address for the workers, and the end. The folder of the server
// stays when a test failed, with the way to look into it.
import { rm } from 'node:fs/promises'
import type { TestProject } from 'vitest/node'
import type { TestServer } from './server.ts'
import { listKeptDatabases, makeTemplates } from './template.ts'

/** Returns the teardown. */
export async function provideServer(
  project: TestProject,
  server: TestServer,
): Promise<() => Promise<void>> {
  try {
    await makeTemplates(server.address)
  } catch (error) {
    await server.stop()
    await rm(server.folder, { recursive: true, force: true })
    throw error
  }
  project.provide('testServer', server.address)
  return () => end(project.name, server)
}

async function end(project: string, server: TestServer): Promise<void> {
  const kept = await listKeptDatabases(server.address)
  await server.stop()
  if (kept.length === 0) {
    await rm(server.folder, { recursive: true, force: true })
    return
  }
  const names = kept.map((database) => `  ${database.name}   ${database.test}`).join('\n')
  console.error(
    `\nDatabases of failed tests (${project}), kept in ${server.folder}:\n${names}\n` +
      `Look into them: npm run test:database -- ${server.folder}\n`,
  )
}
