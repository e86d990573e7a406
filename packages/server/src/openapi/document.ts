// The OpenAPI 3.1 document, made from the records of the operations and the schemas that check requests: nothing in it is
// written a second time. Where it is served is api-docs.ts.
import { packageVersion, type JsonObject } from '@tasker/engine'
import type { z } from 'zod'
import { apiTokenAuthenticator } from '../auth/api-token-authenticator.ts'
import type { SecurityScheme } from '../auth/model.ts'
import type { Answer, Operation } from '../operation.ts'
import { problemSchema } from '../problem.ts'
import { refusalsByStatus } from './refusals.ts'
import { collectSchemas, type Schemas } from './schemas.ts'

export interface DocumentParts {
  readonly operations: readonly Operation[]
  /** Under which everything is served. */
  readonly prefix: string
  /** What the authenticator reads. */
  readonly securitySchemes: readonly SecurityScheme[]
}

/** What the authenticator of API tokens reads: for the document in the repository. */
export const usualSchemes: readonly SecurityScheme[] = apiTokenAuthenticator().securitySchemes ?? []

const about = `Tasks, their steps and the workers that run them.

- Times are UTC, ISO 8601 with milliseconds. Ids are UUIDs, as text.
- Lists go on with \`cursor\`: send the \`next_cursor\` of the page before.
- Every refusal is a problem (RFC 9457) with a \`code\` that does not change; its \`instance\` is the correlation id.
- Fields that are not known are refused.`

export function openApiDocument({
  operations,
  prefix,
  securitySchemes,
}: DocumentParts): JsonObject {
  const schemas = collectSchemas()
  const paths: Record<string, Record<string, JsonObject>> = {}
  for (const operation of operations) {
    const item = (paths[operation.path] ??= {})
    item[operation.method] = describeOperation(operation, schemas, securitySchemes)
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Tasker',
      version: packageVersion,
      description: about,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: prefix === '' ? '/' : prefix }],
    tags: [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: schemas.components,
      securitySchemes: Object.fromEntries(
        securitySchemes.map(({ name, scheme }) => [name, { ...scheme }]),
      ),
    },
  }
}

function describeOperation(
  operation: Operation,
  schemas: Schemas,
  securitySchemes: readonly SecurityScheme[],
): JsonObject {
  const { id, tag, summary, permission, authentication, body } = operation
  const needs = permission === null ? [] : [`Needs the permission \`${permission}\`.`]
  const parameters = [
    ...describeParameters(operation.params, 'path', schemas),
    ...describeParameters(operation.query, 'query', schemas),
    ...describeParameters(operation.headers, 'header', schemas),
  ]
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: [operation.description, ...needs]
      .filter((part) => part !== undefined)
      .join('\n\n'),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === null ? {} : { requestBody: describeBody(body, schemas) }),
    responses: describeAnswers(operation, schemas),
    security: authentication === 'never' ? [] : securitySchemes.map(({ name }) => ({ [name]: [] })),
  }
}

function describeParameters(
  shape: z.ZodObject,
  place: 'path' | 'query' | 'header',
  schemas: Schemas,
): readonly JsonObject[] {
  return Object.entries(shape.shape).map(([name, given]) => {
    const field = given as z.ZodType // what a shape is made of
    const { description, ...schema } = schemas.describe(field, 'input')
    return {
      name,
      in: place,
      required: place === 'path' || !field.safeParse(undefined).success,
      ...(description === undefined ? {} : { description }),
      ...(schema['type'] === 'array' ? { style: 'form', explode: false } : {}),
      schema,
    }
  })
}

const describeBody = (body: z.ZodType, schemas: Schemas): JsonObject => ({
  required: !body.safeParse({}).success,
  content: { 'application/json': { schema: schemas.describe(body, 'input') } },
})

/** A status may be both, as that of a probe that fails and of a database that is not there. */
function describeAnswers(operation: Operation, schemas: Schemas): JsonObject {
  const refused = describeRefused(operation, schemas)
  const answered = Object.entries(operation.answers).map(
    ([status, answer]) => [status, describeAnswer(answer, schemas)] as const,
  )
  return {
    ...refused,
    ...Object.fromEntries(
      answered.map(([status, answer]) => [status, bothOf(answer, refused[status])]),
    ),
  }
}

const bothOf = (answer: DescribedAnswer, refused: DescribedAnswer | undefined): JsonObject =>
  refused === undefined
    ? { ...answer }
    : {
        ...answer,
        description: `${answer.description}\n\n${refused.description}`,
        content: { ...answer.content, ...refused.content },
      }

interface DescribedAnswer {
  readonly description: string
  readonly headers?: JsonObject
  readonly content?: JsonObject
}

function describeAnswer(answer: Answer, schemas: Schemas): DescribedAnswer {
  const { description, schema, contentType = 'application/json' } = answer
  const { others = {}, headers = {}, message } = answer
  // The word of OpenAPI 3.2 for it, as an extension of 3.1.
  const item = message === undefined ? {} : { 'x-itemSchema': schemas.describe(message, 'output') }
  const named = Object.entries(headers).map(([name, text]): [string, JsonObject] => [
    name,
    { description: text, schema: { type: 'string' } },
  ])
  const bodies = schema === null ? [] : Object.entries({ [contentType]: schema, ...others })
  const content = bodies.map(([type, body]): [string, JsonObject] => [
    type,
    { schema: schemas.describe(body, 'output'), ...item },
  ])
  return {
    description,
    ...(named.length === 0 ? {} : { headers: Object.fromEntries(named) }),
    ...(content.length === 0 ? {} : { content: Object.fromEntries(content) }),
  }
}

function describeRefused(
  operation: Operation,
  schemas: Schemas,
): Readonly<Record<string, DescribedAnswer & JsonObject>> {
  const schema = schemas.describe(problemSchema, 'output')
  return Object.fromEntries(
    [...refusalsByStatus(operation)].map(([status, codes]) => [
      status,
      {
        description: `${codes.map((code) => `\`${code}\``).join(', ')}.`,
        content: { 'application/problem+json': { schema } },
      },
    ]),
  )
}
