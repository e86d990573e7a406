// Which permission each field needs, and that it is asked before the field is resolved, however a document comes to the
// field: by an alias, a fragment, a directive, or a second field of the root. A field that leads to an object and says
// nothing about permissions keeps the schema from being built.
import { TaskerError, type JsonObject } from '@tasker/engine'
import {
  defaultFieldResolver,
  getNamedType,
  isIntrospectionType,
  isNonNullType,
  isObjectType,
  OperationTypeNode,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql'
import type { Addressed } from '../auth/access.ts'
import { recordAudit, type AuditNote } from '../auth/audit.ts'
import type { Permission } from '../auth/permissions.ts'
import type { GraphqlContext } from './context.ts'
import { forget } from './loaders.ts'
import { settleMutation } from './user-errors.ts'
import { isGiven } from './given.ts'

export interface Need {
  readonly permission: Permission
  /** Which task and step the field is about; left out: none in particular. */
  readonly addressed: (source: never, args: never) => Addressed
}

/** Goes into `extensions` of a field. A type, so that it may stand there. */
export type Guarded = { readonly needs: Need | 'nothing' }

/** The field is resolved for who has the permission; for others it is null, with an error. */
export const needs = (
  permission: Permission,
  addressed: Need['addressed'] = () => ({}),
): Guarded => ({ needs: { permission, addressed } })

/** The field shows a part of its parent: whoever may see that may see this. */
export const part: Guarded = { needs: 'nothing' }

/** `Query.tasks` → the permission it needs; null: that of its parent. Fields that say nothing show what their parent is. */
export function permissionsOfFields(schema: GraphQLSchema): ReadonlyMap<string, Permission | null> {
  const entries = fieldsOf(schema).flatMap(({ type, field }): [string, Permission | null][] => {
    const need = needOf(field)
    if (need === null) return []
    return [[`${type.name}.${field.name}`, need === 'nothing' ? null : need.permission]]
  })
  return new Map(entries)
}

/** The same schema, its resolvers behind their permissions. @throws {TaskerError} INTERNAL for a field that names none */
export function guardSchema(schema: GraphQLSchema): GraphQLSchema {
  const mutation = schema.getMutationType()
  const roots = [schema.getQueryType(), mutation, schema.getSubscriptionType()]
  for (const { type, field } of fieldsOf(schema)) {
    const name = `${type.name}.${field.name}`
    const need = needOf(field)
    const leadsOn = roots.includes(type) || isObjectType(getNamedType(field.type))
    if (need === null && leadsOn)
      throw new TaskerError('INTERNAL', `${name} says nothing about permissions.`)
    if (need === null || need === 'nothing') continue
    const resolve = field.resolve ?? defaultFieldResolver
    if (type === mutation) {
      field.resolve = settleMutation(audited(field.name, need, resolve))
      continue
    }
    if (isNonNullType(field.type) && type !== schema.getSubscriptionType())
      throw new TaskerError('INTERNAL', `${name} cannot be null for who may not see it.`)
    if (field.subscribe === undefined) field.resolve = guarded(need, resolve)
    else field.subscribe = guarded(need, field.subscribe)
  }
  return schema
}

type Resolver = GraphQLFieldResolver<unknown, GraphqlContext>

/** What is not there, or not for this caller to know of, is null. */
const guarded =
  ({ permission, addressed }: Need, resolve: Resolver): Resolver =>
  async (source, args, context, info) => {
    // Casts: the source and the arguments of the field that the need was written for.
    const about = addressed(source as never, args as never)
    try {
      await context.access.require(permission, about)
      return await resolve(source, args, context, info)
    } catch (error) {
      const isAbsent = error instanceof TaskerError && error.code === 'TASK_NOT_FOUND'
      if (isAbsent && isGiven(about.taskId) && info.operation.operation === OperationTypeNode.QUERY)
        return null
      throw error
    }
  }

interface MutationInput {
  readonly reason?: string | null
  readonly why?: string | null
  readonly filter?: Readonly<Record<string, unknown>>
}

/** The permission is required where the attempt is written down, under the name that the operation has over REST. */
const audited =
  (name: string, { permission, addressed }: Need, resolve: Resolver): Resolver =>
  async (source, args, context, info) => {
    // Casts: the source and the arguments of the field, and the input that every mutation has.
    const about = addressed(source as never, args as never)
    const { reason, why, filter } = (args as { readonly input: MutationInput }).input
    const mutation = {
      ...about,
      operation: filter === undefined ? name.replace('Step', 'WorkflowStep') : 'operateTasks',
      permission,
      reason: why ?? reason,
      ...(filter === undefined ? {} : { addressed: { mutation: name, filter: told(filter) } }),
    }
    return recordAudit(context, mutation, async (note) => {
      const result: unknown = await resolve(source, args, context, info)
      forget(context.loaders)
      note(noteOf(result))
      return result
    })
  }

/** A filter as the log keeps it: times as text, and nothing of contexts and annotations. */
function told(filter: Readonly<Record<string, unknown>>): JsonObject {
  const payloads = ['contextContains', 'annotation']
  const entries = Object.entries(filter).map(([key, value]) => [
    key,
    payloads.includes(key) ? '…' : value,
  ])
  return JSON.parse(JSON.stringify(Object.fromEntries(entries))) as JsonObject // of what a filter may hold
}

/** What the answers of mutations have in common; see mutations/. */
function noteOf(result: unknown): AuditNote {
  const { taskId, report } = result as {
    readonly taskId?: string | null
    readonly report?: { readonly matched: number; readonly changed: number }
  }
  return {
    ...(!isGiven(taskId) ? {} : { taskId }),
    ...(report === undefined
      ? {}
      : { detail: { matched: report.matched, changed: report.changed } }),
  }
}

interface FieldOfType {
  readonly type: GraphQLObjectType
  readonly field: GraphQLField<unknown, GraphqlContext>
}

const fieldsOf = (schema: GraphQLSchema): readonly FieldOfType[] =>
  Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type) && !isIntrospectionType(type))
    .flatMap((type) => {
      const object = type as GraphQLObjectType // filtered above
      return Object.values(object.getFields()).map((field) => ({ type: object, field }))
    })

/** Null: it says nothing. */
function needOf({ extensions }: GraphQLField<unknown, GraphqlContext>): Guarded['needs'] | null {
  return (extensions as Partial<Guarded>).needs ?? null // set by `needs` and `part` only
}
