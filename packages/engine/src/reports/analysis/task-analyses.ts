// The analyses of tasks as somebody asks for them: made anew once anything they are made of has changed, and told when they
// find a bottleneck that the one before had not. What an analysis says is analyse-task.ts.
import type { AdaptiveCache } from '../../cache/adaptive-cache.ts'
import type { Clock } from '../../clock.ts'
import type { Database } from '../../database/connect.ts'
import { readTaskVersion } from '../../database/read-task-graph.ts'
import type { EventBus } from '../../events/bus.ts'
import type { TaskId } from '../../ids.ts'
import { keptReport, type Kept } from '../kept-report.ts'
import { taskNotFound } from '../task-view.ts'
import { analyseTask, type TaskAnalysis } from './analyse-task.ts'
import type { Bottleneck } from './bottlenecks.ts'
import type { Weights } from './step-facts.ts'

export interface TaskAnalysesParts {
  readonly database: Database
  readonly clock: Clock
  readonly bus: EventBus
  readonly cache: Pick<AdaptiveCache, 'fetch'>
  readonly weights: Weights
}

/** Times of running steps grow, so an analysis of an unchanged task is not good for ever. */
const ttlMs = 90_000
/** Steps and dependencies of an analysis that is kept: a larger one is some hundred megabytes of memory for one reader. */
const partsMax = 100_000
/** Tasks whose bottlenecks are remembered; of others they are told again. */
const rememberedMax = 10_000

export class TaskAnalyses {
  readonly #parts: TaskAnalysesParts
  /** By task, what the last analysis found. The oldest analysis first. */
  readonly #told = new Map<TaskId, readonly string[]>()

  constructor(parts: TaskAnalysesParts) {
    this.#parts = parts
  }

  /** @throws {TaskerError} TASK_NOT_FOUND */
  async of(taskId: TaskId): Promise<Kept<TaskAnalysis>> {
    const { database, clock, cache, weights } = this.#parts
    const version = await readTaskVersion(database, taskId, clock.databaseNow())
    if (version === null) throw taskNotFound(taskId, database.schema)
    return keptReport(cache, {
      key: ['analysis', taskId],
      version,
      ttlMs,
      shape,
      make: async () => {
        const analysis = await analyseTask(database, taskId, { at: clock.databaseNow(), weights })
        this.#tell(analysis)
        return analysis
      },
      isKept: ({ taskExecutionSummary: { totalSteps, totalDependencies } }) =>
        totalSteps + totalDependencies <= partsMax,
    })
  }

  #tell({ taskId, namespace, name: taskName, version, bottlenecks }: TaskAnalysis): void {
    const before = this.#told.get(taskId) ?? []
    const found = bottlenecks.bottlenecks.filter(isTold)
    this.#told.delete(taskId)
    if (found.length > 0) this.#told.set(taskId, found.map(keyOf))
    for (const oldest of this.#told.keys()) {
      if (this.#told.size <= rememberedMax) break
      this.#told.delete(oldest)
    }
    for (const bottleneck of found) {
      if (before.includes(keyOf(bottleneck))) continue
      this.#parts.bus.publish('task.bottleneck_detected', {
        taskId,
        namespace,
        taskName,
        version,
        stepName: bottleneck.stepName,
        severity: bottleneck.severity,
        impactScore: bottleneck.impactScore,
        bottleneckType: bottleneck.bottleneckType,
        blockedSteps: bottleneck.blockedDownstreamCount,
        resolution: bottleneck.resolutionStrategy,
      })
    }
  }
}

const shape = {
  taskId: 'string',
  namespace: 'string',
  name: 'string',
  version: 'string',
  generatedAt: 'date',
  dependencyGraph: 'object',
  criticalPaths: 'object',
  schedule: 'object',
  parallelismOpportunities: 'object',
  errorChains: 'object',
  bottlenecks: 'object',
  taskExecutionSummary: 'object',
} as const

interface ToldBottleneck extends Bottleneck {
  readonly severity: 'Critical' | 'High'
}

/** A step that waits for others may score high in a task where all is well: it is no trouble by itself. */
const isTold = (bottleneck: Bottleneck): bottleneck is ToldBottleneck =>
  bottleneck.bottleneckType !== 'Dependency Block' &&
  (bottleneck.severity === 'Critical' || bottleneck.severity === 'High')

const keyOf = ({ stepId, severity }: Bottleneck): string => `${stepId} ${severity}`
