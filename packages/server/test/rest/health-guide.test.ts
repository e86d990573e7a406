// The probes in docs/guides/health.md: they are YAML, they ask what is there, and nobody has to authenticate for them.
import { readFileSync } from 'node:fs'
import { resolveConfig } from '@tasker/engine'
import { operations } from '@tasker/server'
import { expect, it } from 'vitest'
import { parse } from 'yaml'

const page = readFileSync(new URL('../../../../docs/guides/health.md', import.meta.url), 'utf8')
const snippets = [...page.matchAll(/^```yaml\n([^`]*)^```$/gm)].map(([, text = '']) => text)
const config = resolveConfig({}).config

it('has probes that are YAML and ask for what is served', () => {
  const parsed = snippets.map((text) => parse(text) as unknown)
  expect(parsed).toMatchObject([
    { livenessProbe: { failureThreshold: 3 }, readinessProbe: { failureThreshold: 3 } },
    { healthcheck: { interval: '30s', retries: 3 } },
    { scrape_configs: [{ metrics_path: '/tasker/metrics' }] },
  ])
  const asked = snippets.flatMap((text) => text.match(/\/tasker\/[a-z/]+/g) ?? [])
  const prefix = config.server.prefix
  const served = operations.map(({ path }) => `${prefix}${path}`)
  expect(asked).toHaveLength(4)
  expect(asked.filter((path) => !served.includes(path))).toEqual([])
  expect(snippets.join('')).toContain(String(config.server.port))
})

it('waits longer for readiness than readiness takes', () => {
  const { readinessProbe } = parse(snippets[0] ?? '') as {
    readonly readinessProbe: { readonly timeoutSeconds: number }
  }
  expect(readinessProbe.timeoutSeconds).toBeGreaterThan(config.health.readinessTimeoutSeconds)
})
