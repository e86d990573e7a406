// What a worker remembers of a result is what the database answers for it.
import fc from 'fast-check'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { asStored, toStorable } from '../../src/storable.ts'
import { databaseForFile } from '../support/database.ts'
import { runs } from './runs.ts'

const database = databaseForFile()

test('the form in which a result is remembered is that of jsonb, with its order of keys', async () => {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  onTestFinished(() => client.end())
  const keys = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.constant('__proto__'))
  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.jsonValue(),
      fc.array(tie('value')),
      fc.dictionary(keys, tie('value')),
    ),
  })).value
  await fc.assert(
    fc.asyncProperty(json, async (value) => {
      const storable = toStorable(value, 1_000_000)
      fc.pre(storable.ok)
      if (!storable.ok) return
      const { rows } = await client.query<{ text: string }>('select ($1::jsonb)::text as text', [
        storable.text,
      ])
      const stored: unknown = JSON.parse(rows[0]?.text ?? '')
      expect(asStored(storable.text)).toBe(JSON.stringify(stored))
    }),
    runs(300),
  )
})
