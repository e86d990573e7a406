// The OpenAPI document: valid, complete, and saying the same as the router and the table of permissions.
import { isPermission, operations, permissions } from '@tasker/server'
import { Validator } from '@seriousme/openapi-schema-validator'
import { describe, expect, it } from 'vitest'
import { openApiDocument, usualSchemes } from '../../src/openapi/document.ts'

const document = openApiDocument({
  operations,
  prefix: '/tasker',
  securitySchemes: usualSchemes,
})

interface Described {
  readonly operationId: string
  readonly description: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly responses: Readonly<Record<string, unknown>>
  readonly security: readonly object[]
}

// A cast: what `openApiDocument` writes, read back from its JSON.
const paths = JSON.parse(JSON.stringify(document['paths'])) as Readonly<
  Record<string, Readonly<Record<string, Described>>>
>
const described = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
)

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1, and every reference in it leads somewhere', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(document))
    expect({ valid, errors }).toMatchObject({ valid: true })
    const references = JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)
    const { schemas } = document['components'] as { readonly schemas: object }
    expect([...new Set([...references].map(([, name]) => name))].toSorted()).toEqual(
      Object.keys(schemas).toSorted(),
    )
  })

  it('W-59: describes every operation once, under an id of its own, with summary, tag and answers', () => {
    expect(described.map(({ path, method }) => `${method} ${path}`).toSorted()).toEqual(
      operations.map(({ path, method }) => `${method} ${path}`).toSorted(),
    )
    expect(new Set(described.map(({ operationId }) => operationId)).size).toBe(operations.length)
    for (const { operationId, summary, tags, responses } of described) {
      expect(summary, operationId).toMatch(/^[A-Z].*[^.]$/)
      expect(tags, operationId).toHaveLength(1)
      expect(Object.keys(responses), operationId).toEqual(
        expect.arrayContaining(['422', '429', '500', '503']),
      )
    }
  })

  it('names the permission of each operation, and where one is needed, the refusals and schemes', () => {
    for (const { id, permission, authentication } of operations) {
      const one = described.find(({ operationId }) => operationId === id)
      const codes = Object.keys(one?.responses ?? {})
      expect(codes.includes('401'), id).toBe(authentication !== 'never')
      expect(one?.security, id).toHaveLength(authentication === 'never' ? 0 : usualSchemes.length)
      if (permission === null) continue
      expect(isPermission(permission), id).toBe(true)
      expect(one?.description, id).toContain(`\`${permission}\``)
      expect(codes, id).toContain('403')
    }
    expect(permissions.length).toBeGreaterThan(0)
  })
})
