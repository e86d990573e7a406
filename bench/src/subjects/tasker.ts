// Tasker as a subject: one process, one worker, tasks created in batches.
import {
  createTasker,
  packageVersion,
  type DefinitionSource,
  type RunStep,
  type Tasker,
  type TaskerOptions,
} from '@tasker/engine'
import { defineGraph } from '../own-work.ts'
import { stepsOf } from '../shapes.ts'
import { result, type ShapeName, type Subject } from '../subject.ts'

/** Tasks in one creating call. */
const batchSize = 500

export const tasker: Subject = {
  name: 'Tasker',
  configuration: `${packageVersion}, creation in batches of ${batchSize}`,
  keeps: 'results, every transition of task and step, dependencies',
  async open({ databaseUrl, slots, ran }) {
    const handler: RunStep = async ({ taskId, stepName }) => {
      ran(taskId, stepName)
      return result
    }
    const define = (shape: ShapeName): DefinitionSource =>
      defineGraph({ name: shape.replace('-', '_'), steps: stepsOf[shape] }, handler)
    const definitions: Readonly<Record<ShapeName, DefinitionSource>> = {
      linear: define('linear'),
      diamond: define('diamond'),
      'fan-out': define('fan-out'),
      'one-step': define('one-step'),
    }
    const engine = await createTasker({
      ...workerOptions(databaseUrl, slots),
      definitions: Object.values(definitions),
    })
    await engine.worker.start()
    return {
      async run(shape, taskCount) {
        const complete = completions(engine, taskCount)
        await createInBatches(engine, Array<DefinitionSource>(taskCount).fill(definitions[shape]))
        await complete
      },
      close: () => engine.close(),
    }
  },
}

/** The configuration that is measured, but for the definitions. */
export function workerOptions(databaseUrl: string, slots: number): TaskerOptions {
  return {
    database: { url: databaseUrl, migrate: 'auto' },
    execution: { minConcurrentSteps: slots, maxConcurrentStepsLimit: slots },
  }
}

/** One task of each of these. */
export async function createInBatches(
  engine: Tasker,
  definitions: readonly DefinitionSource[],
): Promise<void> {
  for (let made = 0; made < definitions.length; made += batchSize) {
    await engine.tasks.createMany(
      definitions.slice(made, made + batchSize).map((definition) => ({ definition, context: {} })),
    )
  }
}

/**
 * Resolves when so many tasks have completed from now on.
 * @param hear Is given what to call when a task has completed in another process.
 */
export async function completions(
  engine: Tasker,
  taskCount: number,
  hear: (completed: () => void) => void = () => undefined,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let left = taskCount
  const completed = (): void => {
    left -= 1
    if (left === 0) resolve()
  }
  const stop = engine.events.on('task.completed', completed)
  hear(completed)
  await promise
  stop()
}
