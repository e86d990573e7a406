// The schema as it is, in one file that reviewers read. Every server version must give the same.
// `npm run schema:update` writes it anew after a wanted change.
import { expect, test } from 'vitest'
import { cloneDatabase } from '../support/database.ts'
import { describeSchema } from '../support/describe-schema.ts'
import { testSchema } from '../support/template.ts'

test('a freshly migrated database is what sql/schema.snapshot.sql says', async () => {
  const { url } = await cloneDatabase()
  const described = await describeSchema(url, testSchema)
  await expect(described).toMatchFileSnapshot('../../sql/schema.snapshot.sql')
})
