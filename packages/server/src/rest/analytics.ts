// How tasks fare as a whole, and what holds them up: the engine's reports of all tasks, in REST's words.
import { TaskerError, type Freshness, type Kept, type PerformanceReport } from '@tasker/engine'
import { z } from 'zod'
import type { Access } from '../auth/access.ts'
import { operation, type Operation } from '../operation.ts'
import { freshness, showFreshness } from './freshness.ts'
import { count, duration, integerText, text, timestamp, uuid } from './schemas.ts'
import { snakeCased } from './snake-case.ts'

const scopeQuery = {
  namespace: text(256).optional(),
  name: text(256).optional(),
  version: text(256).optional(),
}

const percent = z.number().min(0).max(100)

const askedScope = z
  .strictObject({
    namespace: z.string().nullable(),
    name: z.string().nullable(),
    version: z.string().nullable(),
  })
  .meta({ description: 'What was asked for; null: all.' })

const durations = z
  .strictObject({
    count,
    p50_ms: duration.nullable(),
    p95_ms: duration.nullable(),
    p99_ms: duration.nullable(),
    max_ms: duration.nullable(),
    buckets: z.array(
      z.strictObject({
        range: z.string().meta({ example: '1-10 s' }),
        from_ms: duration,
        to_ms: duration.nullable(),
        count,
      }),
    ),
  })
  .meta({ id: 'DurationDistribution' })

const distribution = z
  .strictObject({
    tasks: durations,
    steps: durations,
    tasks_in_window: count,
    tasks_read: count,
    is_exact: z.boolean().meta({ description: 'False: of a sample of the ended tasks.' }),
  })
  .meta({ id: 'PerformanceDistribution' })

const trend = z
  .strictObject({
    since: timestamp,
    task_throughput: count,
    step_throughput: count,
    completion_rate: percent,
    error_rate: percent,
    avg_task_duration_ms: duration.nullable(),
    avg_step_duration_ms: duration.nullable(),
    avg_step_wait_ms: duration.nullable(),
  })
  .meta({ id: 'PerformanceTrend' })

const performance = z
  .strictObject({
    scope: askedScope,
    system_overview: z.strictObject({
      active_tasks: count,
      total_namespaces: count,
      unique_task_types: count,
      system_health_score: z.number().min(0).max(1),
    }),
    performance_trends: z.strictObject({
      last_hour: trend,
      last_4_hours: trend,
      last_24_hours: trend,
    }),
    performance_distribution: distribution,
    ...freshness,
  })
  .meta({ id: 'PerformanceReport' })

const address = { namespace: z.string(), name: z.string(), version: z.string() }

const standingStep = z
  .strictObject({
    ...address,
    step: z.string(),
    waiting: count,
    waiting_ms: duration.nullable(),
    holding: count,
    steps_held_up: count,
    holding_ms: duration.nullable(),
  })
  .meta({ id: 'StandingStep' })

const bottlenecks = z
  .strictObject({
    scope: askedScope,
    analysis_period_hours: z.int(),
    scope_summary: z.strictObject({
      total_tasks: count,
      unique_task_types: count,
      since: timestamp,
      time_span_hours: z.number(),
    }),
    bottleneck_analysis: z.strictObject({
      slowest_tasks: z.array(
        z.strictObject({
          task_id: uuid,
          ...address,
          state: z.string(),
          duration_ms: duration,
          step_count: count,
          completed_steps: count,
          error_steps: count,
          created_at: timestamp,
          ended_at: timestamp,
          initiator: z.string(),
          source_system: z.string(),
        }),
      ),
      slowest_steps: z.array(
        z.strictObject({
          task_id: uuid,
          step: z.string(),
          ...address,
          duration_ms: duration,
          total_ms: duration,
          attempts: count,
          is_retryable: z.boolean(),
          created_at: timestamp,
          ended_at: timestamp,
        }),
      ),
      error_patterns: z.strictObject({
        total_errors: count,
        recent_error_rate: percent,
        common_error_types: z.array(
          z.strictObject({
            error_class: z.string(),
            code: z.string().nullable(),
            attempts: count,
            retried: count,
            tasks: count,
            step: z.string(),
            of: z.strictObject(address),
          }),
        ),
        retried_steps: count,
        retry_success_rate: percent.nullable(),
        tasks_read: count,
        is_exact: z.boolean(),
      }),
      dependency_bottlenecks: z.strictObject({
        open_tasks: count,
        waiting_steps: count,
        blocking_dependencies: count,
        avg_wait_time_ms: duration.nullable(),
        most_blocked_steps: z.array(standingStep),
        most_blocking_steps: z.array(standingStep),
        is_exact: z.boolean(),
      }),
    }),
    performance_distribution: distribution,
    recommendations: z.array(
      z.strictObject({
        kind: z.enum(['slow_step', 'error', 'blocking_step']),
        of: z.strictObject(address),
        step: z.string(),
        text: z.string(),
        gain_ms: duration.nullable(),
      }),
    ),
    ...freshness,
  })
  .meta({ id: 'BottleneckReport' })

const facts = {
  method: 'get',
  permission: 'tasker.analytics:index',
  authentication: 'metrics',
  tag: 'Analytics',
} as const

export const analyticsOperations: readonly Operation[] = [
  operation({
    ...facts,
    id: 'getPerformanceAnalytics',
    path: '/analytics/performance',
    summary: 'How tasks fare as a whole',
    description:
      'What is under way, trends of the last hour, four hours and day, and percentiles of the last day. Kept for about 90 s.',
    query: z.strictObject(scopeQuery),
    answers: { 200: { description: 'The report.', schema: performance } },
    async handle({ tasker, access, query }) {
      const filter = await narrowed(access, query)
      return { body: showPerformance(await tasker.reports.performance(filter)) }
    },
  }),
  operation({
    ...facts,
    id: 'getBottleneckAnalysis',
    path: '/analytics/bottlenecks',
    summary: 'What holds tasks up as a whole',
    description:
      'Of the tasks created in the last `period` hours: the slowest, errors by class, what waits for what, percentiles, ' +
      'and what would help most. Kept for about `cache.dashboardCacheTtl`.',
    query: z.strictObject({
      ...scopeQuery,
      period: integerText({ min: 1, max: 720 })
        .default(24)
        .meta({ description: 'Hours, 1 to 720.', default: 24 }),
    }),
    answers: { 200: { description: 'The report.', schema: bottlenecks } },
    async handle({ tasker, access, query: { period, ...asked } }) {
      const filter = await narrowed(access, asked)
      const report = await tasker.reports.bottlenecks({ ...filter, periodHours: period })
      return { body: shown(report) }
    },
  }),
]

interface ScopeFilter {
  readonly namespace?: string | undefined
  readonly name?: string | undefined
  readonly version?: string | undefined
}

/**
 * A report is of one namespace or of all: who sees some of them only has to say which, unless it is one.
 * @throws {TaskerError} FORBIDDEN, REQUEST_INVALID
 */
async function narrowed(access: Access, filter: ScopeFilter): Promise<ScopeFilter> {
  const scope = await access.scope('tasker.analytics:index')
  if (scope === null) return filter
  const { namespaces, ...others } = scope
  const isOfMore = Object.values(others).some((condition) => condition !== undefined)
  if (isOfMore)
    throw new TaskerError('FORBIDDEN', 'Reports are of whole namespaces, and you see part of one.')
  if (namespaces === undefined) return filter
  const { namespace = namespaces.length === 1 ? namespaces[0] : undefined } = filter
  if (namespace === undefined) {
    const faults = [{ path: 'query.namespace', message: 'is needed: you see some namespaces only' }]
    throw new TaskerError('REQUEST_INVALID', 'The request has a fault.', { faults })
  }
  if (!namespaces.includes(namespace))
    throw new TaskerError('FORBIDDEN', `Namespace ${JSON.stringify(namespace)} is none of yours.`)
  return { ...filter, namespace }
}

function shown({ generatedAt, isCached, isStale, expiresAt, ...report }: Freshness): object {
  return {
    ...(snakeCased(report) as object), // of an object, an object
    ...showFreshness({ generatedAt, isCached, isStale, expiresAt }),
  }
}

function showPerformance({ performanceTrends, ...report }: Kept<PerformanceReport>): object {
  const { lastHour, last4Hours, last24Hours } = performanceTrends
  return {
    ...shown(report),
    performance_trends: {
      last_hour: snakeCased(lastHour),
      last_4_hours: snakeCased(last4Hours),
      last_24_hours: snakeCased(last24Hours),
    },
  }
}
