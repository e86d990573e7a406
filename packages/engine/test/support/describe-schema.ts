// The engine's description of a schema, asked over a connection of its own.
import pg from 'pg'
import { describeSchema as describe } from '../../src/database/describe-schema.ts'

/** One text, in a stable order. A difference between two of them is a change of the schema. */
export async function describeSchema(url: string, schema: string): Promise<string> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await describe(
      async (text, values) => (await client.query<Record<string, unknown>>(text, [...values])).rows,
      schema,
    )
  } finally {
    await client.end()
  }
}
