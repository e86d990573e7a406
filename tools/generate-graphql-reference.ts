// Writes docs/reference/schema.graphql from the GraphQL schema of packages/server. With --check it only says whether the file
// is fresh. `npm run docs:update` runs all generators.
import { join } from 'node:path'
import { graphqlSchema } from '../packages/server/src/graphql/describe.ts'
import { writeOrCheck } from './generated-page.ts'

const opening = [
  '# Generated from packages/server/src/graphql by tools/generate-graphql-reference.ts. Do not edit.',
  '# Which permission each field needs: docs/guides/graphql.md.',
  '',
  '',
].join('\n')

writeOrCheck(join('docs', 'reference', 'schema.graphql'), `${opening}${graphqlSchema()}\n`)
