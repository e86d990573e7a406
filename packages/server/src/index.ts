// The public door of @tasker/server. What is not exported here is not promised.
export { createServer } from './server.ts'
export type { TaskerServer } from './server.ts'
export { createAccess } from './auth/access.ts'
export { accessFor } from './auth/access-for.ts'
export type { Access, AccessParts, Addressed, Origin } from './auth/access.ts'
export { apiTokenAuthenticator, type ApiTokenOptions } from './auth/api-token-authenticator.ts'
export { firstOf } from './auth/first-of.ts'
export {
  hostSessionAuthenticator,
  type HostSessionOptions,
} from './auth/host-session-authenticator.ts'
export { jwtAuthenticator, type JwtOptions } from './auth/jwt-authenticator.ts'
export type { JwtAlgorithm, JwtKeys } from './auth/jwt-keys.ts'
export { roleCoordinator, shippedRoles, type Role, type Roles } from './auth/role-coordinator.ts'
export { listen } from './hosts/listen.ts'
export type { Listening, ListenOptions } from './hosts/listen.ts'
export { AuthenticationFailed } from './auth/model.ts'
export type {
  Authenticator,
  AuthorizationCoordinator,
  Caller,
  Decision,
  Peer,
  Question,
  Scope,
  SecurityScheme,
  TaskSubject,
  Transport,
} from './auth/model.ts'
export { recordAudit } from './auth/audit.ts'
export type { AuditedCall, AuditedMutation, AuditNote } from './auth/audit.ts'
export {
  actionsOf,
  isGranted,
  isPermission,
  permissions,
  resources,
  unknownGrants,
} from './auth/permissions.ts'
export type { Permission, Resource } from './auth/permissions.ts'
export { graphqlPermissions, graphqlSchema } from './graphql/describe.ts'
export { operations } from './operations.ts'
export type { Operation } from './operation.ts'
export type { Problem } from './problem.ts'
