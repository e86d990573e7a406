// Reads for one request, gathered: what a hundred fields ask for in the same moment is asked of the engine once. The engine's
// reads take 100 ids and each is one statement.
import type { StepRow, StoredAnnotation, TaskSummary, Tasker } from '@tasker/engine'
import DataLoader from 'dataloader'

/** A step, and the task it belongs to. */
export interface StepOfTask {
  readonly taskId: string
  readonly row: StepRow
}

export interface Loaders {
  /** Null: there is none. */
  readonly tasks: DataLoader<string, TaskSummary | null>
  readonly contexts: DataLoader<string, TaskSummary | null>
  readonly executions: DataLoader<string, TaskSummary | null>
  /** Without results, errors and inputs. */
  readonly steps: DataLoader<string, readonly StepOfTask[]>
  readonly stepsWithPayloads: DataLoader<string, readonly StepOfTask[]>
  readonly annotations: DataLoader<string, readonly StoredAnnotation[]>
}

const maxBatchSize = 100

/** What was read before a change says nothing any more. */
export function forget(loaders: Loaders): void {
  for (const loader of Object.values(loaders) as Loaders[keyof Loaders][]) loader.clearAll()
}

export function createLoaders({ tasks }: Tasker): Loaders {
  const gathered = <Value>(
    read: (ids: readonly string[]) => Promise<readonly Value[]>,
  ): DataLoader<string, Value> => new DataLoader(read, { maxBatchSize })
  const steps = (asksAll: boolean): DataLoader<string, readonly StepOfTask[]> =>
    gathered(async (ids) => {
      const asked = { results: asksAll, errors: asksAll, inputs: asksAll }
      const found = await tasks.stepsOf(ids, asked)
      return found.map((rows, index) => rows.map((row) => ({ taskId: ids[index] ?? '', row })))
    })
  return {
    tasks: gathered((ids) => tasks.getMany(ids)),
    contexts: gathered((ids) => tasks.getMany(ids, { context: true })),
    executions: gathered((ids) => tasks.getMany(ids, { execution: true })),
    steps: steps(false),
    stepsWithPayloads: steps(true),
    annotations: gathered((ids) => tasks.annotationsOf(ids)),
  }
}
