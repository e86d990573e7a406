// The view of a task is read in several statements, each at its own instant: what is shown of an ended task must be its
// end, in every part.
import { expect, onTestFinished, test } from 'vitest'
import { connect, type Database } from '../../src/database/connect.ts'
import { defineTask } from '../../src/definitions/builder.ts'
import { readTaskView } from '../../src/reports/task-view.ts'
import { databaseForFile } from '../support/database.ts'
import { stage } from './stage.ts'

const database = databaseForFile()

test('a task that ends while it is read is shown whole: no step goes on in an ended task', async () => {
  const definition = defineTask({ name: 'ends_meanwhile' })
    .step('one', async () => null)
    .step('two', async () => null)
  const { tasker } = await stage(database.url, { definitions: [definition], isWorking: false })
  const { taskId } = await tasker.tasks.create(definition, { context: {} })
  const real = connect({ ...tasker.config.database, url: database.url })
  onTestFinished(() => real.close())
  const beside: Promise<unknown>[] = []
  const ending: Database = {
    ...real,
    async run(name, text, values) {
      if (name === 'read_tasks') {
        await Promise.resolve() // whatever is asked beside it has been asked now
        await Promise.all(beside)
        await tasker.tasks.cancel(taskId)
        return real.run(name, text, values)
      }
      const answer = real.run(name, text, values)
      beside.push(answer)
      return answer
    },
  }
  const task = await readTaskView(ending, taskId, null)
  expect(task.state).toBe('cancelled')
  expect(task.steps.map(({ state }) => state)).toEqual(['cancelled', 'cancelled'])
  expect(task.execution).toMatchObject({ status: 'cancelled', cancelledSteps: 2 })
})
