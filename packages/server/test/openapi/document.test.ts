// The OpenAPI document: valid, complete, and saying the same as the router and the table of permissions.
import { readFileSync } from 'node:fs'
import { isPermission, operations } from '@tasker/server'
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

const codesOf = ({ responses }: Described): readonly number[] => Object.keys(responses).map(Number)

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1, and its references and its schemas are the same', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(document))
    expect({ valid, errors }).toMatchObject({ valid: true })
    const references = JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)
    const { schemas } = document['components'] as { readonly schemas: object }
    expect(new Set([...references].map(([, name]) => name))).toEqual(new Set(Object.keys(schemas)))
  })

  it('W-59: describes every operation once, under an id of its own, with summary, tag and answers', () => {
    expect(new Set(described.map(({ path, method }) => `${method} ${path}`))).toEqual(
      new Set(operations.map(({ path, method }) => `${method} ${path}`)),
    )
    expect(new Set(described.map(({ operationId }) => operationId)).size).toBe(operations.length)
    const incomplete = described.filter(
      (operation) =>
        !/^[A-Z].*[^.]$/.test(operation.summary) ||
        operation.tags.length !== 1 ||
        ![422, 429, 500, 503].every((status) => codesOf(operation).includes(status)),
    )
    expect(incomplete).toEqual([])
  })

  it('names the permission of each operation, and where one is needed, the refusals and schemes', () => {
    const wrong = operations.filter(({ id, permission, authentication }) => {
      const one = described.find(({ operationId }) => operationId === id)
      if (one === undefined) return true
      const isAsked = authentication !== 'never'
      const isSaid = isAsked === codesOf(one).includes(401)
      const schemes = isAsked ? usualSchemes.length : 0
      if (!isSaid || one.security.length !== schemes) return true
      if (permission === null) return false
      return (
        !isPermission(permission) ||
        !one.description.includes(`\`${permission}\``) ||
        !codesOf(one).includes(403)
      )
    })
    expect(wrong).toEqual([])
  })

  it('is of as many operations as the reference says', () => {
    const page = new URL('../../../../docs/reference/rest.md', import.meta.url)
    expect(readFileSync(page, 'utf8')).toContain(`\n${operations.length} operations, `)
  })
})
