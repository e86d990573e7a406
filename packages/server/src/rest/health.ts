// Whether the process is alive, ready, and how the system fares.
import {
  coordinations,
  readinessChecks,
  statusChecks,
  stepStates,
  taskStates,
  type CacheCheckResult,
  type CheckResult,
} from '@tasker/engine'
import { z } from 'zod'
import { operation, type Operation } from '../operation.ts'
import { freshness, showFreshness } from './freshness.ts'
import { count, duration, timestamp } from './schemas.ts'
import { snakeCased } from './snake-case.ts'

const checked = {
  status: z.enum(['healthy', 'unhealthy']),
  response_time_ms: duration,
  error: z.string().nullable().meta({
    description: 'A code of the table of errors, `TIMED_OUT` or `CACHE_FORGOT`; the log has more.',
  }),
}

const check = z.strictObject(checked).meta({ id: 'HealthCheck' })

const cacheCheck = z
  .strictObject({
    ...checked,
    cache_store: z.string().meta({ description: 'The class of the store, or `Unknown`.' }),
    coordination_strategy: z.enum(coordinations).meta({
      description:
        '`distributed_atomic`: one store for all processes, which counts and locks. `distributed_basic`: one for all; the database ' +
        'locks. `local_only`: each process has its own.',
    }),
    distributed: z.boolean(),
    atomic_operations: z.boolean(),
    locking_support: z.boolean(),
  })
  .meta({ id: 'CacheHealthCheck' })

const readiness = z
  .strictObject({
    ready: z.boolean(),
    message: z.string(),
    checks: z.strictObject({ database: check, migrations: check, cache: cacheCheck }),
    failed_checks: z.array(z.enum(readinessChecks)),
    timestamp,
    check_duration_ms: duration,
  })
  .meta({ id: 'Readiness' })

const countsOf = <Names extends readonly string[]>(names: Names) =>
  z.strictObject({
    total: count,
    ...(Object.fromEntries(names.map((name) => [name, count])) as Record<
      Names[number],
      typeof count
    >),
  })

const status = z
  .strictObject({
    healthy: z.boolean(),
    status: z.enum(['healthy', 'unhealthy']),
    failed_checks: z.array(z.enum(statusChecks)).meta({
      description:
        '`connections`: more than 90 % of the server’s are active. `task_errors`: more than half of the tasks of the ' +
        'last hour are in error. `workers`: there are open tasks, and no live worker.',
    }),
    metrics: z.strictObject({
      tasks: countsOf(taskStates),
      steps: countsOf(stepStates),
      retries: z.strictObject({
        retryable_errors: count,
        exhausted_retries: count,
        in_backoff: count,
      }),
    }),
    last_hour: z
      .strictObject({
        since: timestamp,
        tasks: count,
        complete_tasks: count,
        error_tasks: count,
        completion_rate: z.number(),
        error_rate: z.number(),
        steps: count,
        avg_task_duration_ms: duration.nullable(),
        avg_step_duration_ms: duration.nullable(),
      })
      .meta({ description: 'Of the tasks that were created in it.' }),
    database: z.strictObject({
      active_connections: count,
      max_connections: count,
      connection_utilization: z.number().meta({ description: 'Per cent.' }),
      pool: z
        .strictObject({ size: count, lent: count, waiting: count })
        .meta({ description: 'Of this process.' }),
    }),
    workers: z.strictObject({
      live: count,
      overdue: count,
      slots: count,
      slots_in_use: count,
    }),
    generation_duration_ms: duration,
    ...freshness,
  })
  .meta({ id: 'SystemStatus' })

export const healthOperations: readonly Operation[] = [
  operation({
    id: 'checkLiveness',
    method: 'get',
    path: '/health/live',
    permission: null,
    authentication: 'never',
    tag: 'Health',
    summary: 'Whether the process answers',
    description: 'Asks nothing of the database.',
    answers: {
      200: {
        description: 'It does.',
        schema: z
          .strictObject({
            alive: z.literal(true),
            timestamp,
            service: z.string().meta({ example: 'tasker' }),
          })
          .meta({ id: 'Liveness' }),
      },
    },
    handle: async ({ tasker }) => ({
      body: {
        alive: true,
        timestamp: tasker.now(),
        service: tasker.config.telemetry.serviceName,
      },
    }),
  }),
  operation({
    id: 'checkReadiness',
    method: 'get',
    path: '/health/ready',
    permission: null,
    authentication: 'ready',
    tag: 'Health',
    summary: 'Whether the process can do its work',
    description:
      'The database answers, its schema is that of this version, and the cache keeps what it is given. All checks ' +
      'together take `health.readinessTimeoutSeconds` at most.',
    answers: {
      200: { description: 'It can.', schema: readiness },
      503: { description: 'It cannot; `failed_checks` says why.', schema: readiness },
    },
    async handle({ tasker }) {
      const { isReady, checks, failedChecks, at, durationMs } = await tasker.readiness()
      return {
        status: isReady ? 200 : 503,
        body: {
          ready: isReady,
          message: isReady ? 'Ready.' : `Not ready: ${failedChecks.join(', ')}.`,
          checks: {
            database: showCheck(checks.database),
            migrations: showCheck(checks.migrations),
            cache: showCacheCheck(checks.cache),
          },
          failed_checks: failedChecks,
          timestamp: at,
          check_duration_ms: durationMs,
        },
      }
    },
  }),
  operation({
    id: 'getHealthStatus',
    method: 'get',
    path: '/health/status',
    permission: 'tasker.health_status:index',
    authentication: 'status',
    tag: 'Health',
    summary: 'How the system fares as a whole',
    description:
      'Tasks and steps by state, the last hour, connections and workers. Kept for `health.cacheDurationSeconds` at most, while ' +
      'the system is healthy. Costs what open tasks cost, however many are retained.',
    answers: {
      200: { description: 'Well.', schema: status },
      503: { description: 'Not well; `failed_checks` says why.', schema: status },
    },
    async handle({ tasker }) {
      const report = await tasker.reports.status()
      const { isHealthy, counts, lastHour, pool, workers } = report
      const { active, max } = counts.connections
      return {
        status: isHealthy ? 200 : 503,
        body: {
          healthy: isHealthy,
          status: isHealthy ? 'healthy' : 'unhealthy',
          failed_checks: report.failedChecks,
          metrics: {
            tasks: counts.tasks,
            steps: counts.steps,
            retries: {
              retryable_errors: counts.errors.retryable,
              exhausted_retries: counts.errors.exhausted,
              in_backoff: counts.errors.inBackoff,
            },
          },
          last_hour: {
            since: lastHour.since,
            tasks: lastHour.tasks,
            complete_tasks: lastHour.completeTasks,
            error_tasks: lastHour.errorTasks,
            completion_rate: lastHour.completionRate,
            error_rate: lastHour.errorRate,
            steps: lastHour.steps,
            avg_task_duration_ms: lastHour.taskDurationMs,
            avg_step_duration_ms: lastHour.stepDurationMs,
          },
          database: {
            active_connections: active,
            max_connections: max,
            connection_utilization: max === 0 ? 0 : Math.round((active / max) * 10_000) / 100,
            pool,
          },
          workers: snakeCased(workers),
          generation_duration_ms: report.durationMs,
          ...showFreshness(report),
        },
      }
    },
  }),
]

const showCheck = ({ isHealthy, responseTimeMs, fault }: CheckResult) => ({
  status: isHealthy ? 'healthy' : 'unhealthy',
  response_time_ms: responseTimeMs,
  error: fault,
})

const showCacheCheck = (cache: CacheCheckResult) => ({
  ...showCheck(cache),
  cache_store: cache.storeClass,
  coordination_strategy: cache.coordination,
  distributed: cache.isDistributed,
  atomic_operations: cache.countsAtomically,
  locking_support: cache.locks,
})
