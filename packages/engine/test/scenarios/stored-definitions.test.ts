// The definitions of the database as any process sees them: names, versions, use, and one whole; without what handlers keep.
import { expect, test } from 'vitest'
import { defineTask } from '../../src/definitions/builder.ts'
import { shownConfiguration } from '../../src/definitions/shown-configuration.ts'
import { ApiStepHandler } from '../../src/definitions/api-steps/api-step-handler.ts'
import { read } from '../definitions/read-yaml.ts'
import { databaseForFile } from '../support/database.ts'
import { stage } from './stage.ts'

const database = databaseForFile()

class Own extends ApiStepHandler {}
const ok = async () => null
const sync = (version: string) =>
  defineTask({ namespace: 'stock', name: 'sync', version, description: 'Counts shelves' })
    .step('pull', { description: 'Asks', dependentSystem: 'erp' }, ok)
    .step('left', { dependsOn: ['pull'], retry: { limit: 5 }, skippable: true }, ok)
    .step('right', { dependsOn: ['pull'], timeoutMs: 1_000 }, ok)
    .step('join', { dependsOn: ['left', 'right'], transaction: true, timeoutMs: 1_000 }, ok)
const call = read(
  `
  namespace_name: web
  name: call
  version: 1.0.0
  step_templates:
    - name: ask
      handler_class: Own
      handler_config:
        type: api
        url: https://api.example.com/hooks/T0/SECRET
        path: /items?key=SECRET
        method: POST
        headers: { x-key: SECRET }
        timeouts: { total_ms: 1000 }
`,
  { handlers: { Own } },
)

/** What was stored by others, seen by a process that has registered nothing. */
async function stranger() {
  const { tasker } = await stage(database.url, {
    definitions: [sync('9.0.0'), sync('10.0.0'), sync('11.0.0-rc.1'), call],
    isWorking: false,
  })
  const { tasker: other, clock } = await stage(database.url, { isWorking: false })
  return { tasker, other, clock }
}

test('names come with their versions in the order of versions, and how each is used', async () => {
  const { tasker, other, clock } = await stranger()
  const { taskId } = await tasker.tasks.create('stock/sync@9.0.0', { context: {} })
  const names = await other.reports.storedDefinitions()
  expect(names.map(({ namespace, name, latest }) => [namespace, name, latest])).toEqual([
    ['stock', 'sync', '10.0.0'],
    ['web', 'call', '1.0.0'],
  ])
  const [{ description, versions } = {}] = names
  expect(description).toBe('Counts shelves')
  expect(versions).toMatchObject([
    {
      version: '9.0.0',
      isLatest: false,
      pendingTasks: 1,
      isUnserved: true,
      lastUsedAt: clock.now(),
    },
    { version: '10.0.0', isLatest: true, pendingTasks: 0, isUnserved: false, lastUsedAt: null },
    { version: '11.0.0-rc.1', isLatest: false },
  ])
  await tasker.tasks.cancel(taskId)
  const ofWeb = await other.reports.storedDefinitions({ namespaces: ['web', 'none'] })
  expect(ofWeb.map(({ name }) => name)).toEqual(['call'])
  expect(await other.reports.storedDefinitions({ namespaces: [] })).toEqual([])
})

test('a version is shown whole, all parents among its dependencies; the latest unless another is asked for', async () => {
  const { other } = await stranger()
  const definition = await other.reports.storedDefinition('stock/sync')
  expect(definition).toMatchObject({
    namespace: 'stock',
    name: 'sync',
    version: '10.0.0',
    description: 'Counts shelves',
    isLatest: true,
    versions: ['9.0.0', '10.0.0', '11.0.0-rc.1'],
    priority: 'normal',
    contextSchema: null,
    annotates: false,
    steps: [
      { stepNo: 1, name: 'pull', level: 0, dependsOn: [], dependents: ['left', 'right'] },
      { stepNo: 2, name: 'left', level: 1, retryLimit: 5, skippable: true },
      { stepNo: 3, name: 'right', level: 1, timeoutMs: 1_000 },
      { stepNo: 4, name: 'join', level: 2, dependsOn: ['left', 'right'], transaction: true },
    ],
  })
  expect(definition.steps[0]).toMatchObject({ dependentSystem: 'erp', description: 'Asks' })
  expect(definition.executionOrder.at(-1)).toBe('join')
  const old = await other.reports.storedDefinition('stock/sync@^9')
  expect(old).toMatchObject({ version: '9.0.0', isLatest: false })
})

test('what is not stored, or outside of what the caller may see, is not found', async () => {
  const { other } = await stranger()
  const { reports } = other
  const notFound = { code: 'DEFINITION_NOT_FOUND' }
  await expect(reports.storedDefinition('stock/sync@1.0.0')).rejects.toMatchObject(notFound)
  await expect(reports.storedDefinition('stock/none')).rejects.toMatchObject(notFound)
  await expect(
    reports.storedDefinition('stock/sync', { namespaces: ['web'] }),
  ).rejects.toMatchObject({ ...notFound, details: { knownVersions: [] } })
})

test('of a handler’s configuration the allowed is shown, and of all else that it is there', async () => {
  const { other } = await stranger()
  const { steps } = await other.reports.storedDefinition('web/call')
  expect(steps[0]?.configuration).toEqual({
    type: 'api',
    url: 'https://api.example.com',
    path: '[REDACTED]',
    method: 'POST',
    headers: '[REDACTED]',
    timeouts: { total_ms: 1_000 },
  })
  expect(JSON.stringify(steps)).not.toContain('SECRET')
})

test.each([
  ['base_url', 'https://u:p@api.example.com:8443/a/b?c=d', 'https://api.example.com:8443'],
  ['baseUrl', 'https://${HOST}/x', '[REDACTED]'],
  ['url', 'no address', '[REDACTED]'],
  ['method', 'GET', 'GET'],
  ['method', 'Bearer abc', '[REDACTED]'],
  ['timeouts', { total_ms: 5, note: 'x' }, { total_ms: 5, note: '[REDACTED]' }],
  ['headers', { authorization: 'Bearer abc' }, '[REDACTED]'],
  ['api_key', 17, '[REDACTED]'],
  ['body', null, null],
  ['__proto__', 'x', '[REDACTED]'],
])('%s %j is shown as %j', (key, value, seen) => {
  const given = Object.fromEntries([[key, value]])
  expect(Object.entries(shownConfiguration(given) ?? {})).toEqual([[key, seen]])
})
