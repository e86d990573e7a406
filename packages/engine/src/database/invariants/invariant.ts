// What an invariant is, and the pieces of SQL that several of them say. The list is ../invariants.ts.

export interface Invariant {
  /** Stable: monitors and tests know it by this. */
  readonly name: string
  /** What is wrong with a row that the query returns. */
  readonly says: string
  /**
   * What a look that may not read everything is limited to. `tasks`: some of them, whose rows alone are read, and those that
   * are looked up beside them (a table marked `by key`). `definitions`: those
   * with few ended tasks, `$1::integer[]`, null for all. `workers`: nothing, it reads what is in flight.
   */
  readonly of: 'tasks' | 'definitions' | 'workers'
  /** One text column, `subject`: ids, states and numbers, never contents. `tasker.` stands for the schema; each table has an alias. */
  readonly sql: string
}

/** SQL: the task `t` goes on. */
export const openTask = `t.state in ('pending', 'in_progress')`
export const satisfied = `('complete', 'resolved_manually', 'skipped')`

/** SQL: a list of texts. */
export const textsOf = (texts: readonly string[]): string =>
  `(${texts.map((text) => `'${text}'`).join(', ')})`
