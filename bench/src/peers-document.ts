// The results of `npm run bench:peers` as a document: everything that the page and the charts are made from.
import { z } from 'zod'
import { figuresSchema, verdictSchema } from './bench-document.ts'
import { machineSchema } from './machine.ts'
import { isOnRedis } from './subjects/index.ts'

/** What a subject is to Tasker. `limit`: what PostgreSQL can do at best with the same rows. */
const roles = ['ours', 'durable', 'queue', 'redis-queue', 'limit'] as const
export type Role = (typeof roles)[number]

const resultSchema = z.object({
  subject: z.string(),
  /** Fewer than the workload's for a slow subject: rates do not depend on it. */
  taskCount: z.number().int(),
  /** One of each round; null where it failed. */
  rounds: z.array(figuresSchema.nullable()),
  failures: z.array(z.string()),
})

export const peersDocumentSchema = z.object({
  date: z.iso.datetime(),
  machine: machineSchema,
  slots: z.number().int(),
  rounds: z.number().int(),
  /** More than 1: sizes were divided by it, and the figures only show that everything works. */
  divisor: z.number().int(),
  subjects: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      role: z.enum(roles),
      configuration: z.string(),
      keeps: z.string(),
    }),
  ),
  leftOut: z.array(z.object({ name: z.string(), why: z.string() })),
  /** A durable commit, in each round. */
  commits: z.array(figuresSchema),
  workloads: z.array(
    z.object({
      name: z.string(),
      what: z.string(),
      kind: z.enum(['throughput', 'latency']),
      taskCount: z.number().int(),
      results: z.array(resultSchema),
    }),
  ),
  verdicts: z.array(verdictSchema),
})

export type PeersDocument = z.infer<typeof peersDocumentSchema>
export type PeersWorkload = PeersDocument['workloads'][number]

const durable: readonly string[] = ['dbos', 'openworkflow', 'absurd']

/** By the subject's name; what is not listed is a job queue on PostgreSQL. */
export function roleOf(subject: string): Role {
  if (subject === 'tasker') return 'ours'
  if (subject === 'ideal') return 'limit'
  if (durable.includes(subject)) return 'durable'
  return isOnRedis(subject) ? 'redis-queue' : 'queue'
}
