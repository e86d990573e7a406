// Tasker as a subject: one process, one worker, tasks created in batches.
import { createTasker, packageVersion, type DefinitionSource, type Tasker } from '@tasker/engine'
import { defineShape, type ShapeStep } from '@tasker/engine/testing'
import { diamond, fanOut, linear, oneStep } from '../shapes.ts'
import { result, type ShapeName, type Subject } from '../subject.ts'

/** Tasks in one creating call. */
const batchSize = 500

export const tasker: Subject = {
  name: 'Tasker',
  configuration: `${packageVersion}, creation in batches of ${batchSize}`,
  keeps: 'results, every transition of task and step, dependencies',
  async open({ databaseUrl, slots, ran }) {
    const handler = async (): Promise<typeof result> => {
      ran()
      return result
    }
    const define = (name: string, steps: readonly ShapeStep[]): DefinitionSource =>
      defineShape({ namespace: 'bench', name, version: '1.0.0', steps }, () => handler)
    const definitions: Readonly<Record<ShapeName, DefinitionSource>> = {
      linear: define('linear', linear),
      diamond: define('diamond', diamond),
      'fan-out': define('fan_out', fanOut),
      'one-step': define('one_step', oneStep),
    }
    const engine = await createTasker({
      database: { url: databaseUrl, migrate: 'auto' },
      execution: { minConcurrentSteps: slots, maxConcurrentStepsLimit: slots },
      definitions: Object.values(definitions),
    })
    await engine.worker.start()
    return {
      run: (shape, taskCount) => runTasks(engine, definitions[shape], taskCount),
      close: () => engine.close(),
    }
  },
}

/** Creates so many tasks in batches; resolves when all are complete. */
export async function runTasks(
  engine: Tasker,
  definition: DefinitionSource,
  taskCount: number,
): Promise<void> {
  const complete = completions(engine, taskCount)
  for (let made = 0; made < taskCount; made += batchSize) {
    const count = Math.min(batchSize, taskCount - made)
    await engine.tasks.createMany(
      Array.from({ length: count }, () => ({ definition, context: {} })),
    )
  }
  await complete
}

/** Resolves when so many tasks have completed from now on. */
export async function completions(engine: Tasker, taskCount: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let count = 0
  const stop = engine.events.on('task.completed', () => {
    count += 1
    if (count === taskCount) resolve()
  })
  await promise
  stop()
}
