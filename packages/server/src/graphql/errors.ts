// Errors of GraphQL as a client sees them: a code of the one table, the remedy, and the id under which the logs of the server
// know the request. What went wrong inside is logged and not told.
import { errorCatalogue, TaskerError } from '@tasker/engine'
import { GraphQLError } from 'graphql'
import { problemOf } from '../problem.ts'
import type { GraphqlContext } from './context.ts'
import { faultsOf } from './user-errors.ts'
import { isGiven } from './given.ts'

export const shownErrors = (
  errors: readonly GraphQLError[],
  context: GraphqlContext,
): readonly GraphQLError[] => errors.map((error) => shownError(error, context))

/** What GraphQL says of a value holds the whole of it. */
const messageMaxLength = 1_000

function shownError(error: GraphQLError, { correlationId, tasker }: GraphqlContext): GraphQLError {
  const { originalError } = error
  if (!isGiven(originalError) || originalError instanceof GraphQLError) {
    const { remedy } = errorCatalogue.GRAPHQL_INVALID
    return withCode(error, error.message.slice(0, messageMaxLength), {
      code: 'GRAPHQL_INVALID',
      remedy,
      instance: correlationId,
    })
  }
  const { detail, status, code, remedy, instance } = problemOf(originalError, correlationId)
  const faults = originalError instanceof TaskerError ? faultsOf(originalError) : []
  if (status >= 500) tasker.log.error({ error: originalError, code }, 'a GraphQL field failed')
  const extensions = { code, remedy, instance, ...(faults.length === 0 ? {} : { faults }) }
  return withCode(error, detail, extensions)
}

function withCode(
  { nodes, source, positions, path }: GraphQLError,
  message: string,
  extensions: Readonly<Record<string, unknown>>,
): GraphQLError {
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    path: path ?? null,
    extensions,
  })
}
