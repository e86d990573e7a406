// The subjects by name. Each is loaded only in its own process.
import type { Subject } from '../subject.ts'

const subjects = {
  dbos: async () => (await import('./dbos.ts')).dbos,
  ideal: async () => (await import('./ideal.ts')).ideal,
  openworkflow: async () => (await import('./openworkflow.ts')).openWorkflow,
  tasker: async () => (await import('./tasker.ts')).tasker,
  'pg-boss': async () => (await import('./pg-boss.ts')).pgBoss,
  'graphile-worker': async () => (await import('./graphile-worker.ts')).graphileWorker,
  'bullmq-postgres': async () => (await import('./bullmq-postgres.ts')).bullmqPostgres,
  'bullmq-redis': async () => (await import('./bullmq-redis.ts')).bullmqRedis,
} satisfies Record<string, () => Promise<Subject>>

export type SubjectName = keyof typeof subjects

export const subjectNames = Object.keys(subjects) as readonly SubjectName[] // the keys just written

export const isSubjectName = (name: string): name is SubjectName => Object.hasOwn(subjects, name)

export const loadSubject = (name: SubjectName): Promise<Subject> => subjects[name]()

/** These keep everything in Redis and nothing in the database that they are given. */
export const isOnRedis = (name: string): boolean => name === 'bullmq-redis'
