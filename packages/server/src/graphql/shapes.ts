// What the object types of the schema are made of: rows of the engine, and pages.
import type { StoredAnnotation, TaskListing } from '@tasker/engine'

export type { StepOfTask } from './loaders.ts'
export type { UserError } from './user-errors.ts'

export type TaskShape = TaskListing

export interface AnnotationShape extends StoredAnnotation {
  readonly taskId: string
}

export interface PageInfo {
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
  readonly startCursor: string | null
  readonly endCursor: string | null
}

/** One page of a list. */
export interface Page<Node> {
  readonly edges: readonly { readonly cursor: string; readonly node: Node }[]
  readonly pageInfo: PageInfo
  readonly total: () => Promise<{ readonly count: number; readonly isCapped: boolean }>
}
