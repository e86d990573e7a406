// A pattern in a test: its definitions in a Tasker of the test kit, on a database of its own, closed when the test ends.
import { createTestTasker, type TestTasker, type TestTaskerOptions } from '@tasker/engine/testing'
import { inject, onTestFinished } from 'vitest'
import { databaseUrl } from '../../packages/engine/test/support/server.ts'

/** Called inside a test. */
export async function openPattern(
  definitions: TestTaskerOptions['definitions'] & {},
  options: Omit<TestTaskerOptions, 'definitions' | 'database'> = {},
): Promise<TestTasker> {
  const database = databaseUrl(inject('testServer'), 'postgres')
  const kit = await createTestTasker({ definitions, database, ...options })
  onTestFinished(() => kit.close())
  return kit
}
