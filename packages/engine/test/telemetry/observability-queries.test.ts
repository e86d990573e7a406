// The questions of the dashboard and of the rules, as others may put them.
import { expect, test } from 'vitest'
import { readObservabilityQueries } from '../../src/index.ts'

test('every panel and every rule asks something, with nothing left to fill in', async () => {
  const queries = await readObservabilityQueries()
  const expressionOf = (title: string): string | undefined =>
    queries.find((query) => query.title === title)?.expression
  expect(expressionOf('Live workers')).toBe('max(tasker_workers_live)')
  expect(expressionOf('TaskerNoLiveWorker')).toBe('max(tasker_workers_live) < 1')
  expect(expressionOf('tasker:queue_age_seconds:max')).toBe(
    'max by (namespace) (tasker_queue_age_seconds)',
  )
  expect(queries.length).toBeGreaterThan(60)
  expect(queries.filter(({ title, expression }) => title === '' || /\$/.test(expression))).toEqual(
    [],
  )
})

test('metrics with another prefix are asked for by it; recorded series keep their names', async () => {
  const queries = await readObservabilityQueries({ prefix: 'shop' })
  const all = queries.map(({ expression }) => expression).join('\n')
  expect(all).toContain('max(shop_workers_live)')
  expect(all).not.toMatch(/\btasker_/)
  expect(all).toContain('tasker:step_failures:rate5m')
})
