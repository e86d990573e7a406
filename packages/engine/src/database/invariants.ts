// What must be true of the run-time tables between any two transactions: read-only recounts and replays, each said once, in
// the files of invariants/. `tasker doctor` asks them of a live database, the tests and chaos of all tasks. Nothing is repaired.
import type { DefinitionId, TaskId } from '../ids.ts'
import type { Ask } from './connect.ts'
import type { Invariant } from './invariants/invariant.ts'
import { ofHistory } from './invariants/of-history.ts'
import { ofRows } from './invariants/of-rows.ts'
import { ofStatistics } from './invariants/of-statistics.ts'
import { ofWaiting } from './invariants/of-waiting.ts'
import { ofWorkers } from './invariants/of-workers.ts'
import { inSchema } from './sql-files.ts'

export { openTask, type Invariant } from './invariants/invariant.ts'

/** Every one holds at every moment, whatever runs. A test breaks each of them. */
export const invariants: readonly Invariant[] = [
  ...ofRows,
  ...ofWaiting,
  ...ofHistory,
  ...ofWorkers,
  ...ofStatistics,
]

interface Violation {
  readonly name: string
  readonly says: string
  /** The ids concerned, and the numbers that differ. */
  readonly subject: string
}

/** What a look is limited to. */
export interface InvariantSample {
  readonly taskIds: readonly TaskId[]
  readonly definitionIds: readonly DefinitionId[]
}

/**
 * Violations among all rows, or among those of `sample`, at most `limit` of each kind. Each is one statement, so that all it
 * sees is of one moment; what differs between two of them is not a violation of either.
 */
export async function findViolations(
  ask: Ask,
  where: {
    readonly schema: string
    readonly sample?: InvariantSample
    readonly limit?: number
    readonly of?: readonly Invariant[]
  },
): Promise<Violation[]> {
  const violations: Violation[] = []
  for (const { name, says, ...invariant } of where.of ?? invariants) {
    for (const { sql, values } of statementsOf(invariant, where.sample)) {
      const limited =
        where.limit === undefined ? sql : `select * from (${sql}) v limit ${where.limit}`
      const rows = await ask(inSchema(limited, where.schema), values)
      violations.push(...rows.map((row) => ({ name, says, subject: String(row['subject']) })))
    }
  }
  return violations
}

/** Tasks of one statement: so many that none of them runs long. */
const tasksPerStatement = 500

/** The tables of a task's own rows, which a sample narrows; but where a row beside one of the sample is looked up. */
const tablesOfTasks =
  /\btasker\.(tasks|task_progress|task_contexts|task_annotations|workflow_steps|step_results|due|task_transitions|workflow_step_transitions|step_claims)\b(?! \/\* by key)/g

interface Statement {
  readonly sql: string
  readonly values: readonly unknown[]
}

/** The statements that look for one invariant's violations. */
function statementsOf(
  { of, sql }: Pick<Invariant, 'of' | 'sql'>,
  sample: InvariantSample | undefined,
): readonly Statement[] {
  switch (of) {
    case 'workers':
      return [{ sql, values: [] }]
    case 'definitions':
      return [{ sql, values: [sample?.definitionIds ?? null] }]
    case 'tasks': {
      if (sample === undefined) return [{ sql, values: [] }]
      const narrowed = sql.replaceAll(
        tablesOfTasks,
        (table) => `(select * from ${table} where task_id = any ($1::uuid[]))`,
      )
      return pagesOf(sample.taskIds).map((taskIds) => ({ sql: narrowed, values: [taskIds] }))
    }
    default:
      return of satisfies never
  }
}

const pagesOf = (taskIds: readonly TaskId[]): readonly (readonly TaskId[])[] =>
  Array.from({ length: Math.ceil(taskIds.length / tasksPerStatement) }, (_, page) =>
    taskIds.slice(page * tasksPerStatement, (page + 1) * tasksPerStatement),
  )
