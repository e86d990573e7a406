// The caller of create_tasks: checked requests become rows, inside the caller's transaction when one is given.
import { TaskerError } from '../errors.ts'
import type { DatabaseClient } from '../definitions/host-transaction.ts'
import type { DefinitionId, TaskId } from '../ids.ts'
import { sqlState, translate, type Database, type Row } from './connect.ts'
import type { GraphStepRow } from './definitions.ts'

export interface NewTask {
  readonly taskId: TaskId
  readonly definitionId: DefinitionId
  /** JSON text, checked. */
  readonly context: string
  readonly priority: number
  readonly tags: readonly string[]
  readonly initiator: string
  readonly sourceSystem: string
  readonly reason: string
  readonly requestedAt: Date | null
  readonly deadlineMs: number | null
  readonly bypassSteps: readonly string[]
  readonly key: string | null
  readonly digest: string | null
  readonly keyTtlHours: number
  readonly rerunOf: TaskId | null
  /** The trace that it belongs to, as it is stored; null: none. */
  readonly traceParent: string | null
  /** What its caller knows it by; null: nothing but its id. */
  readonly correlationId: string | null
  /** Steps of this task alone, generated from its context; null: the definition's graph. */
  readonly graph: readonly GraphStepRow[] | null
}

export interface CreatedTask {
  readonly taskId: TaskId
  /** False: the key belongs to an earlier request, and this is its task. */
  readonly isCreated: boolean
  /** The key belongs to a different request; nothing was created. */
  readonly isConflict: boolean
}

export async function createTasks(
  database: Database,
  requests: readonly NewTask[],
  options: {
    readonly lockTimeoutMs: number
    readonly now: Date | null
    readonly transaction: DatabaseClient | null
  },
): Promise<CreatedTask[]> {
  const text = `select owner_id, is_created, is_conflict from ${database.schema}.create_tasks($1::jsonb, $2, $3)`
  const values = [encode(requests), options.lockTimeoutMs, options.now]
  const { transaction } = options
  const { statements } = database
  try {
    const answer =
      transaction === null
        ? { rows: await database.run('create_tasks', text, values) }
        : await statements.run('create_tasks', () => transaction.query(text, values))
    // Rows of a pg client are objects.
    const rows = answer.rows as Row[]
    return rows.map((row) => ({
      taskId: row['owner_id'] as TaskId,
      isCreated: row['is_created'] === true,
      isConflict: row['is_conflict'] === true,
    }))
  } catch (error) {
    if (sqlState(error) === '55P03') {
      throw new TaskerError(
        'IDEMPOTENCY_KEY_BUSY',
        `An idempotency key was held by another transaction for more than ${options.lockTimeoutMs} ms.`,
        {},
        error,
      )
    }
    throw translate(error)
  }
}

// Contexts are JSON text already: they are spliced in, not parsed and written again.
function encode(requests: readonly NewTask[]): string {
  const rows = requests.map((request) => {
    const head = JSON.stringify({
      task_id: request.taskId,
      definition_id: request.definitionId,
      priority: request.priority,
      tags: request.tags,
      initiator: request.initiator,
      source_system: request.sourceSystem,
      reason: request.reason,
      requested_at: request.requestedAt,
      deadline_ms: request.deadlineMs,
      bypass: request.bypassSteps,
      key: request.key,
      digest: request.digest,
      key_ttl_hours: request.keyTtlHours,
      rerun_of: request.rerunOf,
      trace_parent: request.traceParent,
      correlation_id: request.correlationId,
      graph: request.graph,
    })
    return `${head.slice(0, -1)},"context":${request.context}}`
  })
  return `[${rows.join(',')}]`
}
