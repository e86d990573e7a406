// What is measured: an engine or queue behind one small door, so that every one runs the same work on the same server.

/** The work that every subject can be asked for. Handlers do nothing and return `result`. */
export const shapeNames = ['linear', 'diamond', 'fan-out', 'one-step'] as const
export type ShapeName = (typeof shapeNames)[number]

/** `linear`: five steps in a row. `diamond`: A, then B and C, then D. `fan-out`: one, 200 at once, one. */
export const stepsPerTask: Readonly<Record<ShapeName, number>> = {
  linear: 5,
  diamond: 4,
  'fan-out': 202,
  'one-step': 1,
}

export const fanOutWidth = 200

/** About 100 bytes as JSON, what a step hands on. */
export const result = { text: 'x'.repeat(80) }

export interface Subject {
  readonly name: string
  /** Its version and the configuration it runs with: the best one found. */
  readonly configuration: string
  /** What it keeps of a step that ran, in a few words: results, history, dependencies. */
  readonly keeps: string
  open(options: SubjectOptions): Promise<OpenSubject>
}

export interface SubjectOptions {
  /** A database of its own, empty. */
  readonly databaseUrl: string
  /** Of a Redis server, for the subject that wants one. */
  readonly redisUrl: string | null
  /** What it runs at once at most. */
  readonly slots: number
  /** Called by each handler when it runs: for which task, in any words, and which step, by its name in shapes.ts. */
  readonly ran: (task: string, step: string) => void
}

export interface OpenSubject {
  /** Creates so many tasks of this shape and resolves when all are complete. Workers run already. */
  run(shape: ShapeName, taskCount: number): Promise<void>
  close(): Promise<void>
}
