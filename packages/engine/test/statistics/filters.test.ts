// Filters of statistics are checked whole.
import { expect, test } from 'vitest'
import { stage } from '../scenarios/stage.ts'
import { databaseForFile } from '../support/database.ts'

const database = databaseForFile()

test('every fault of a filter is named at once', async () => {
  const { tasker } = await stage(database.url, { definitions: [], isWorking: false })
  const filter = { since: new Date(Number.NaN), limit: 101, namespace: '', nme: 'order' }
  await expect(tasker.reports.slowestSteps(filter)).rejects.toMatchObject({
    code: 'REQUEST_INVALID',
    message: expect.stringMatching(/since.*namespace.*limit.*nme.*did you mean "name"/s) as string,
  })
  await expect(tasker.reports.analytics({ limit: 1 } as object)).rejects.toMatchObject({
    code: 'REQUEST_INVALID',
  })
})
