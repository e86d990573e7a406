// The scalars that GraphQL does not have: times, and any JSON. Strict: a time names its zone, and leaves in UTC with
// milliseconds.
import { GraphQLError, Kind, valueFromASTUntyped, type ValueNode } from 'graphql'
import { z } from 'zod'

const timeSchema = z.iso.datetime({ offset: true })

export function readTime(value: unknown): Date {
  const reading = timeSchema.safeParse(value)
  const time = reading.success ? new Date(reading.data) : null
  if (time !== null && !Number.isNaN(time.getTime())) return time
  throw new GraphQLError(
    'A DateTime is an ISO 8601 time with its zone: "2026-11-21T10:30:00.000Z".',
  )
}

export function readTimeLiteral(node: ValueNode): Date {
  return readTime(node.kind === Kind.STRING ? node.value : null)
}

export function writeTime(value: unknown): string {
  if (value instanceof Date) return value.toISOString()
  throw new TypeError('What a field of type DateTime was given is no time.')
}

/** As JSON.parse would have made it: objects with the usual prototype, which checks of plain objects ask for. */
export function readJsonLiteral(
  node: ValueNode,
  variables?: Readonly<Record<string, unknown>> | null,
): unknown {
  return plain(valueFromASTUntyped(node, variables))
}

/** Its depth is that of the document, which is bounded. Values of variables are taken as they are. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain)
  const isLiteral =
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === null
  if (!isLiteral) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]))
}
