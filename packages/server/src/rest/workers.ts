// The workers that the database has seen, whichever machine they run on.
import { z } from 'zod'
import { operation, type Operation } from '../operation.ts'
import { count, timestamp } from './schemas.ts'

const worker = z
  .strictObject({
    worker_id: z.int(),
    state: z.enum(['live', 'overdue', 'stopped', 'lost']).meta({
      description: '`overdue`: its lease is over, and no other has taken its steps over yet.',
    }),
    host: z.string(),
    pid: z.int(),
    version: z.string(),
    slots: count.meta({ description: 'Steps it may run at once, as of its last heartbeat.' }),
    slots_max: count.nullable(),
    slots_in_use: count.nullable(),
    slots_reason: z.string().nullable().meta({
      description: 'What held `slots` below `slots_max`; null: nothing.',
    }),
    serves_count: count.meta({ description: 'Versions of definitions that it serves.' }),
    seen_at: timestamp,
  })
  .meta({ id: 'Worker' })

export const workerOperations: readonly Operation[] = [
  operation({
    id: 'listWorkers',
    method: 'get',
    path: '/workers',
    permission: 'tasker.worker:index',
    authentication: 'global',
    tag: 'Workers',
    summary: 'List workers',
    answers: {
      200: {
        description: 'Live ones first, then newest first; at most 100.',
        schema: z.strictObject({ workers: z.array(worker) }).meta({ id: 'WorkerList' }),
      },
    },
    async handle({ tasker }) {
      const rows = await tasker.workers()
      return {
        body: {
          workers: rows.map((row) => ({
            worker_id: row.workerId,
            state: row.state,
            host: row.host,
            pid: row.pid,
            version: row.version,
            slots: row.slots,
            slots_max: row.slotsMax,
            slots_in_use: row.slotsInUse,
            slots_reason: row.slotsReason,
            serves_count: row.serves.length,
            seen_at: row.seenAt,
          })),
        },
      }
    },
  }),
]
