// A kit on the server of the test run, closed when the test ends.
import { inject, onTestFinished } from 'vitest'
import {
  createTestTasker,
  type TestTasker,
  type TestTaskerOptions,
} from '../../src/testing/index.ts'
import { databaseUrl } from '../support/server.ts'

export const serverUrl = (): string => databaseUrl(inject('testServer'), 'postgres')

export async function kitFor(options: TestTaskerOptions): Promise<TestTasker> {
  const kit = await createTestTasker({ database: serverUrl(), ...options })
  onTestFinished(() => kit.close())
  return kit
}
