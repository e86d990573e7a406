// Writes docs/reference/openapi.json, openapi.generated.d.ts (its types, for the typed client of the examples) and rest.md from the
// operations of @tasker/server. With --check it only says whether all are fresh. `npm run docs:update` runs all generators.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { openApiDocument, usualSchemes } from '../packages/server/src/openapi/document.ts'
import type { Operation } from '../packages/server/src/operation.ts'
import { operations } from '../packages/server/src/operations.ts'
import { writeOrCheck } from './generated-page.ts'

const reference = join('docs', 'reference')
const document = openApiDocument({
  operations,
  prefix: '/tasker',
  securitySchemes: usualSchemes,
})

writeOrCheck(join(reference, 'openapi.json'), `${JSON.stringify(document, null, 2)}\n`)
writeOrCheck(join(reference, 'openapi.generated.d.ts'), await renderTypes())
writeOrCheck(join(reference, 'rest.md'), renderPage())

/** By openapi-typescript, which is installed beside the examples with the TypeScript 5 that it needs. */
async function renderTypes(): Promise<string> {
  const require = createRequire(new URL('../examples/package.json', import.meta.url))
  // A cast: what is used of it. Its own types are those of TypeScript 5.
  const generator = require('openapi-typescript') as TypeGenerator
  const types = generator.astToString(await generator.default(document))
  return `// The types of openapi.json, by tools/generate-rest-reference.ts. Do not edit.\n\n${types}`
}

interface TypeGenerator {
  default(document: object): Promise<readonly object[]>
  astToString(nodes: readonly object[]): string
}

function renderPage(): string {
  const tags = [...new Set(operations.map(({ tag }) => tag))]
  return [
    '# REST operations',
    '',
    'Generated from the operations of `packages/server/src/rest` by `tools/generate-rest-reference.ts`. Do not edit.',
    '',
    `${operations.length} operations, below the path of \`server.prefix\`. What each takes and answers is in`,
    '[openapi.json](openapi.json), which a server shows at `/tasker/api-docs`.',
    '',
    'Authentication: *global* is asked wherever `auth.authenticationEnabled` is true; *never* is not; *ready*, *status* and',
    '*metrics* follow `health.readyRequiresAuthentication`, `health.statusRequiresAuthentication` and',
    '`telemetry.metricsAuthRequired`. Without a permission, everybody may who is answered at all.',
    '',
    ...tags.flatMap((tag) => [
      `## ${tag}`,
      '',
      '| Operation | Request | Permission | Authentication | What it does |',
      '|---|---|---|---|---|',
      ...operations.filter((operation) => operation.tag === tag).map(row),
      '',
    ]),
  ].join('\n')
}

function row({ id, method, path, permission, authentication, summary }: Operation): string {
  const needed = permission === null ? '' : `\`${permission}\``
  return `| \`${id}\` | \`${method.toUpperCase()} ${path}\` | ${needed} | ${authentication} | ${summary} |`
}
