// The builder of the schema with its scalars, its enums, and the object types by their names. What fields they have is objects/,
// queries/ and mutations/. Made anew for each schema: nothing registers itself by being imported.
import SchemaBuilder, { type ObjectRef } from '@pothos/core'
import {
  executionStatuses,
  healthStatuses,
  priorities,
  recommendedActions,
  stepStates,
  taskStates,
  type Priority,
  type RecommendedAction,
} from '@tasker/engine'
import type { GraphqlContext } from './context.ts'
import { readJsonLiteral, readTime, readTimeLiteral, writeTime } from './scalars.ts'
import type * as shapes from './shapes.ts'

export interface SchemaTypes {
  Context: GraphqlContext
  DefaultFieldNullability: false
  Scalars: {
    ID: { Input: string; Output: string }
    JSON: { Input: unknown; Output: unknown }
    DateTime: { Input: Date; Output: Date }
  }
}

/** An object type by its name. */
export type Ref<Shape> = ObjectRef<PothosSchemaTypes.ExtendDefaultTypes<SchemaTypes>, Shape>

/** What the files that add fields are given. */
export type Parts = ReturnType<typeof createParts>

export function createParts() {
  const builder = new SchemaBuilder<SchemaTypes>({ defaultFieldNullability: false })
  builder.scalarType('JSON', {
    description: 'Any JSON value.',
    serialize: (value) => value,
    parseValue: (value) => value,
    parseLiteral: readJsonLiteral,
  })
  builder.scalarType('DateTime', {
    description: 'An ISO 8601 time with its zone; answers are in UTC, with milliseconds.',
    serialize: writeTime,
    parseValue: readTime,
    parseLiteral: readTimeLiteral,
  })
  const enumOf = <Word extends string>(name: string, words: readonly Word[], description: string) =>
    builder.enumType(name, { description, values: valuesOf(words) })

  return {
    builder,
    taskStatus: enumOf('TaskStatus', taskStates, 'Where a task stands.'),
    stepStatus: enumOf('StepStatus', stepStates, 'Where a step stands.'),
    priority: enumOf(
      'Priority',
      Object.keys(priorities) as Priority[], // the keys of the table
      'Steps of a higher priority start first.',
    ),
    executionStatus: enumOf('ExecutionStatus', executionStatuses, 'What a task is doing.'),
    recommendedAction: enumOf(
      'RecommendedAction',
      Object.values(recommendedActions) as RecommendedAction[], // the values of the table
      'What would bring it on.',
    ),
    healthStatus: enumOf('TaskHealth', healthStatuses, 'How a task fares.'),
    taskOrder: enumOf(
      'TaskOrder',
      ['newest_first', 'oldest_first'] as const,
      'By the time of creation.',
    ),
    task: builder.objectRef<shapes.TaskShape>('Task'),
    step: builder.objectRef<shapes.StepOfTask>('WorkflowStep'),
    annotation: builder.objectRef<shapes.AnnotationShape>('TaskAnnotation'),
    pageInfo: builder.objectRef<shapes.PageInfo>('PageInfo'),
    userError: builder.objectRef<shapes.UserError>('UserError'),
  }
}

/** `in_progress` is IN_PROGRESS in GraphQL. */
function valuesOf<Word extends string>(
  words: readonly Word[],
): Record<Uppercase<Word>, { readonly value: Word }> {
  // Cast: the names are made of the words.
  return Object.fromEntries(words.map((value) => [value.toUpperCase(), { value }])) as Record<
    Uppercase<Word>,
    { readonly value: Word }
  >
}
