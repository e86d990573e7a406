// From a GraphQL request to its answer: read within bounds, validate, weigh, execute, and tell what went wrong by the codes of
// the one table of errors. HTTP is operations.ts.
import { TaskerError } from '@tasker/engine'
import {
  execute,
  getOperationAST,
  GraphQLError,
  Kind,
  validate,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql'
import type { GraphqlContext } from './context.ts'
import { costOf } from './cost.ts'
import { fragmentsOf, readDocument, requireAtMost } from './document.ts'
import { shownErrors } from './errors.ts'
import { isGiven } from './given.ts'

export interface GraphqlRequest {
  readonly query: string
  readonly operationName: string | null
  readonly variables: Readonly<Record<string, unknown>>
}

/** A request that may be executed. */
export interface Prepared {
  readonly document: DocumentNode
  readonly operation: OperationDefinitionNode
  readonly request: GraphqlRequest
}

/** `isRefused`: nothing was executed. */
export interface Answer {
  readonly result: ExecutionResult
  readonly isRefused: boolean
}

/** @throws {TaskerError} GRAPHQL_LIMIT_EXCEEDED, INTROSPECTION_DISABLED; GraphQLErrors for faults of the document */
export function prepare(
  schema: GraphQLSchema,
  request: GraphqlRequest,
  { tasker }: GraphqlContext,
): Prepared {
  const limits = tasker.config.server.graphql
  const document = readDocument(request.query, limits)
  const faults = validate(schema, document, undefined, { maxErrors: 20 })
  if (faults.length > 0) throw new InvalidRequest(faults)
  const operation = getOperationAST(document, request.operationName)
  if (!isGiven(operation)) throw new InvalidRequest([new GraphQLError(whichOperation(request))])
  const cost = costOf({
    schema,
    operation,
    fragments: fragmentsOf(document),
    variables: { ...defaultsOf(operation), ...request.variables },
  })
  requireAtMost('cost', cost, limits.costMax, 'costMax')
  return { document, operation, request }
}

/** Numbers that variables have when they are not given: lengths of lists may be among them. */
const defaultsOf = ({ variableDefinitions = [] }: OperationDefinitionNode) =>
  Object.fromEntries(
    variableDefinitions.flatMap(({ variable, defaultValue }) =>
      defaultValue?.kind === Kind.INT ? [[variable.name.value, Number(defaultValue.value)]] : [],
    ),
  )

const whichOperation = ({ operationName }: GraphqlRequest): string =>
  operationName === null
    ? 'The document has more than one operation, or none: name one in `operationName`.'
    : `The document has no operation ${JSON.stringify(operationName)}.`

/** The faults of a document or of its variables. */
export class InvalidRequest extends Error {
  override readonly name = 'InvalidRequest'
  readonly faults: readonly GraphQLError[]

  constructor(faults: readonly GraphQLError[]) {
    super('The GraphQL request is not valid.')
    this.faults = faults
  }
}

/** Each fault of the variables is told with the value that has it. */
export const executionOptions = { maxCoercionErrors: 5 } as const

export async function executePrepared(
  schema: GraphQLSchema,
  { document, request }: Prepared,
  contextValue: GraphqlContext,
  rootValue?: unknown,
): Promise<Answer> {
  const result = await execute({
    schema,
    document,
    rootValue,
    contextValue,
    operationName: request.operationName,
    variableValues: request.variables,
    options: executionOptions,
  })
  // Without data it was refused for its variables.
  return { result: shown(result, contextValue), isRefused: result.data === undefined }
}

/** What was thrown before anything was executed. */
export function refusal(thrown: unknown, context: GraphqlContext): Answer {
  const errors =
    thrown instanceof InvalidRequest
      ? thrown.faults
      : [
          thrown instanceof GraphQLError
            ? thrown
            : new GraphQLError(String(thrown), { originalError: asThrown(thrown) }),
        ]
  return { result: { errors: shownErrors(errors, context) }, isRefused: true }
}

const asThrown = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new TaskerError('INTERNAL', 'An unexpected error.')

export function shown(result: ExecutionResult, context: GraphqlContext): ExecutionResult {
  if (result.errors === undefined) return result
  return { ...result, errors: shownErrors(result.errors, context) }
}
