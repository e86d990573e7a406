// The GraphQL interface described, for the reference and for who compares what the transports ask of a caller.
import { printSchema } from 'graphql'
import type { Permission } from '../auth/permissions.ts'
import { permissionsOfFields } from './guard.ts'
import { createSchema } from './schema.ts'

/** The schema in its own language. */
export const graphqlSchema = (): string => printSchema(createSchema())

/** `Query.tasks` → the permission it needs; null: that of its parent. */
export const graphqlPermissions = (): ReadonlyMap<string, Permission | null> =>
  permissionsOfFields(createSchema())
