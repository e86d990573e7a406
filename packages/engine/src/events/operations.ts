// The operations of the engine that can be watched: a closed list, whose names are a label of metrics. What runs inside one
// is its own code and its statements; handlers, however long they take, are not among them.
import type { Watched } from '../watched.ts'

export type EngineOperation =
  /** A request for tasks, from its check to the rows. */
  | 'create_tasks'
  /** A call of a worker: outcomes and free slots in, until what was claimed has started. Repeats are part of it. */
  | 'dispatch'
  /** A renewal of a worker's lease. */
  | 'heartbeat'
  /** A look for steps of lost workers. */
  | 'rescue'
  | 'sweep'
  /** Ended tasks are added to the statistics. */
  | 'roll_up'
  /** The journal of the history loses what is too old. */
  | 'prune_journal'
  /** The cache in the database loses what is over. */
  | 'prune_cache'
  /** An operator's action on one task, or on a batch of them. */
  | 'operate'

export type EngineOperations = Watched<EngineOperation>
