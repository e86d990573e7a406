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
} satisfies Record<string, () => Promise<Subject>>

export type SubjectName = keyof typeof subjects

export const subjectNames = Object.keys(subjects) as readonly SubjectName[] // the keys just written

export const isSubjectName = (name: string): name is SubjectName => Object.hasOwn(subjects, name)

export const loadSubject = (name: SubjectName): Promise<Subject> => subjects[name]()
