// The documentation as it is served: one page that needs no other host and runs nothing that is written into it.
import type { Authenticator } from '@tasker/server'
import { describe, expect, it } from 'vitest'
import { servedForFile } from '../support/served.ts'

const authenticator: Authenticator = {
  authenticate: ({ headers }) =>
    headers.get('authorization') === 'Bearer of-ann' ? { id: 'ann' } : null,
  securitySchemes: [{ name: 'token', scheme: { type: 'http', scheme: 'bearer' } }],
}
const served = servedForFile(() => ({ auth: { authenticationEnabled: true, authenticator } }))
const elsewhere = { peer: { address: '10.0.0.9' } }

describe('the documentation page', () => {
  it('runs the scripts of this server and nothing else, and they may be kept for good', async () => {
    const page = await served.call('GET', '/api-docs', elsewhere)
    const html = String(page.body)
    expect(page.headers.get('content-security-policy')).toContain(
      "default-src 'none'; script-src 'self'; style-src 'self'",
    )
    expect(html).not.toMatch(/<script(?![^>]* src=)|<style|style=| on\w+=|https?:/)
    const addresses = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, at]) => at ?? '')
    expect(addresses).toHaveLength(3)
    for (const address of addresses) {
      const file = await served.call('GET', address.replace('/tasker', ''), elsewhere)
      expect([file.status, Object.fromEntries(file.headers)]).toMatchObject([
        200,
        {
          'cache-control': 'public, max-age=31536000, immutable',
          'x-content-type-options': 'nosniff',
          'content-type': `text/${address.endsWith('.css') ? 'css' : 'javascript'}; charset=utf-8`,
        },
      ])
    }
    const other = await served.call('GET', '/api-docs/other.js', elsewhere)
    expect(other.status).toBe(404)
  })

  it('shows the document beside it, asks no validator, and keeps no token', async () => {
    const html = String((await served.call('GET', '/api-docs/')).body)
    const [, start = ''] = /src="\/tasker(\/api-docs\/start[^"]+)"/.exec(html) ?? []
    const script = String((await served.call('GET', start)).body)
    expect(script).toContain("new URL('openapi.json', document.currentScript.src)")
    expect(script).toMatch(/validatorUrl: null/)
    expect(script).toMatch(/persistAuthorization: false/)
    const document = await served.call('GET', '/api-docs/openapi.json', elsewhere)
    expect(document.body).toMatchObject({ openapi: '3.1.1', servers: [{ url: '/tasker' }] })
    expect((await served.call('GET', '/api-docs.json')).body).toEqual(document.body)
  })

  it('says what the authenticator reads, so that a request tried out with a token is answered', async () => {
    const { body } = await served.call('GET', '/api-docs/openapi.json')
    expect(body).toMatchObject({
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      paths: {
        '/tasks': { get: { security: [{ token: [] }] } },
        '/health/live': { get: { security: [] } },
      },
    })
    const headers = { authorization: 'Bearer of-ann' }
    expect((await served.call('GET', '/tasks', { headers })).status).toBe(200)
    expect((await served.call('GET', '/tasks')).status).toBe(401)
  })
})
