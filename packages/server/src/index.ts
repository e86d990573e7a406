// The public door of @tasker/server. What is not exported here is not promised.
export { createServer } from './server.ts'
export type { TaskerServer } from './server.ts'
export { AuthenticationFailed } from './auth/model.ts'
export type {
  Authenticator,
  AuthorizationCoordinator,
  Caller,
  Peer,
  Question,
  Scope,
  SecurityScheme,
  TaskSubject,
  Transport,
} from './auth/model.ts'
export { recordAudit } from './auth/audit.ts'
export type { AuditedCall, AuditedMutation, AuditNote } from './auth/audit.ts'
export { actionsOf, isPermission, permissions, resources } from './auth/permissions.ts'
export type { Permission, Resource } from './auth/permissions.ts'
export { operations } from './operations.ts'
export type { Operation } from './operation.ts'
export type { Problem } from './problem.ts'
