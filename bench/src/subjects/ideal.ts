// The physical limit as a subject: what PostgreSQL can do when somebody who knows everything beforehand writes the facts that
// Tasker stores, in big batches. No engine: nothing is claimed, nothing finds out what is ready, nobody could take over.
//
// Written for each task: its row with the context, a row for each step, one entry of history for its creation, one for its
// start and one for its end. For each step: the update to in_progress with the entry of its claim, and the update to complete
// with the result and the entry of its end. Not written, because it is how Tasker works and not what happened: counters of
// parents and of progress, the due table, receipts, notes for statistics, secondary indexes.
//
// A batch of tasks is one statement that creates them, one that begins the first steps, and one for each hop, which ends steps
// and begins those that follow. Each is a transaction of its own with default durability. `latency`: the same with one task.
import pg from 'pg'
import { createTasks, hop, sessionSettings, tables } from '../ideal-tables.ts'
import { inParallel } from '../in-parallel.ts'
import { stepsOf } from '../shapes.ts'
import {
  fanOutWidth,
  result,
  stepsPerTask,
  type ShapeName,
  type Subject,
  type SubjectOptions,
} from '../subject.ts'

/** With one, PostgreSQL waits while the next batch is put together; three were no faster on two cores. */
const connections = 2
/** In one statement. With 200 a commit costs too much, with 4,000 the connections have nothing left to share. */
const stepsPerBatch = 1_000

type Level = readonly number[]

/** Which steps may run at once, hop by hop: known beforehand. */
const levels: Readonly<Record<ShapeName, readonly Level[]>> = {
  linear: [[1], [2], [3], [4], [5]],
  diamond: [[1], [2, 3], [4]],
  'fan-out': [[1], Array.from({ length: fanOutWidth }, (_, index) => index + 2), [fanOutWidth + 2]],
  'one-step': [[1]],
}

const none: Level = []

export const ideal: Subject = {
  name: 'Physical limit',
  configuration: `plain SQL, ${connections} connections, batches of ${stepsPerBatch} steps, no engine`,
  keeps: 'results, every transition of task and step; no dependencies, nothing that recovers',
  async open({ databaseUrl, ran }) {
    const pool = new pg.Pool({
      connectionString: databaseUrl,
      options: sessionSettings,
      max: connections,
    })
    await pool.query(tables)
    let tasksMade = 0
    const newIds = (count: number): readonly string[] =>
      Array.from({ length: count }, () => {
        tasksMade += 1
        return `00000000-0000-7000-8000-${tasksMade.toString(16).padStart(12, '0')}`
      })
    return {
      run: (shape, taskCount) => runTasks({ pool, shape, ids: newIds(taskCount), ran }),
      close: () => pool.end(),
    }
  },
}

interface Order {
  readonly pool: pg.Pool
  readonly shape: ShapeName
  readonly ids: readonly string[]
  readonly ran: SubjectOptions['ran']
}

async function runTasks({ pool, shape, ids, ran }: Order): Promise<void> {
  const widest = Math.max(...levels[shape].map((level) => level.length))
  const size = Math.max(1, Math.floor(stepsPerBatch / widest))
  const batches = Array.from({ length: Math.ceil(ids.length / size) }, (_, index) =>
    ids.slice(index * size, (index + 1) * size),
  )
  await inParallel(batches.length, connections, () =>
    runBatch({ pool, shape, ids: batches.pop() ?? [], ran }),
  )
}

async function runBatch({ pool, shape, ids, ran }: Order): Promise<void> {
  const steps = stepsPerTask[shape]
  await pool.query({ name: 'create', text: createTasks, values: [ids, steps] })
  let before = none
  for (const level of [...levels[shape], none]) {
    const ended = pairs(ids, before)
    const begun = pairs(ids, level)
    const results = ended.tasks.map(() => JSON.stringify(result))
    const started = before === none ? ids : []
    const closed = level === none ? ids : []
    const values = [
      ended.tasks,
      ended.steps,
      results,
      begun.tasks,
      begun.steps,
      started,
      closed,
      steps,
    ]
    await pool.query({ name: 'hop', text: hop, values })
    begun.tasks.forEach((task, index) =>
      ran(task, stepsOf[shape][(begun.steps[index] ?? 0) - 1]?.name ?? ''),
    )
    before = level
  }
}

/** These steps of each task. */
function pairs(ids: readonly string[], level: Level): { tasks: string[]; steps: number[] } {
  return { tasks: ids.flatMap((id) => level.map(() => id)), steps: ids.flatMap(() => level) }
}
