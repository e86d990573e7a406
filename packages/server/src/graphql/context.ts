// What every resolver is given: the Tasker, what the caller may do, and the reads of this request.
import type { Tasker } from '@tasker/engine'
import type { Access } from '../auth/access.ts'
import type { Permission } from '../auth/permissions.ts'
import type { Told } from '../live/watch.ts'
import { createLoaders, type Loaders } from './loaders.ts'

/** Which events a subscription is about. */
export interface FollowOrder {
  readonly permission: Permission
  readonly taskId?: string
  readonly namespaces?: readonly string[] | null
  /** Of tasks. */
  readonly names?: readonly string[] | null
  /** Names of events and patterns. */
  readonly events?: readonly string[] | null
  /** A cursor; null: from now on. */
  readonly after: string | null
}

/** Events as they come, those that the caller may see. */
export type Follow = (order: FollowOrder) => Promise<AsyncGenerator<Told, void, undefined>>

export interface GraphqlContext {
  readonly tasker: Tasker
  readonly access: Access
  readonly correlationId: string
  /** The request's own, and of a subscription each event's: nothing is kept for the next. */
  readonly loaders: Loaders
  /** Null: the request does not stay open for events. */
  readonly follow: Follow | null
}

export const createContext = (parts: Omit<GraphqlContext, 'loaders'>): GraphqlContext => ({
  ...parts,
  loaders: createLoaders(parts.tasker),
})
