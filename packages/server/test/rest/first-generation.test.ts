// What was wrong with REST in the first generation, each by its number in the specification.
import { operations } from '@tasker/server'
import { expect, test } from 'vitest'
import { shopForFile } from './shop.ts'

const { served, call, create, run } = shopForFile()

test('W-19: an illegal cancel is a conflict that says the state and what is possible; a cancelled one stays so', async () => {
  const done = await run()
  for (const [method, path] of [
    ['DELETE', `/tasks/${done}`],
    ['POST', `/tasks/${done}/cancel`],
  ] as const) {
    const refused = await call(method, path)
    expect(refused.json).toMatchObject({
      status: 409,
      code: 'MOVE_NOT_ALLOWED',
      conflict: { status: 'complete', allowed: ['rerun'] },
    })
  }
  const step = await call('DELETE', `/tasks/${done}/workflow_steps/charge`)
  expect(step.json).toMatchObject({
    status: 409,
    conflict: { steps: [{ name: 'charge', status: 'complete' }] },
  })
  const taskId = await create()
  const cancelled = await call('DELETE', `/tasks/${taskId}?reason=oops`)
  expect(cancelled.json).toMatchObject({ cancelled: true, operation: { is_changed: true } })
  for (const again of [`/tasks/${taskId}`, `/tasks/${taskId}/workflow_steps/charge`]) {
    const answer = await call('DELETE', again)
    expect(answer.json).toMatchObject({ cancelled: true, operation: { is_changed: false } })
  }
})

test('W-20: a missing context, explicit nulls and wrong types are named, all at once', async () => {
  const body = { name: 'order', namespace: null, initiator: 7, tags: 'vip', colour: 'red' }
  for (const form of [body, { task: body }]) {
    const refused = await call('POST', '/tasks', { body: form })
    expect(refused.json).toMatchObject({ status: 422, code: 'REQUEST_INVALID' })
    const paths = (refused.json['faults'] as { path: string }[]).map(({ path }) => path)
    const prefix = 'task' in form ? 'task.' : ''
    expect(paths.toSorted()).toEqual(
      ['colour', 'context', 'initiator', 'namespace', 'tags'].map((key) => prefix + key),
    )
  }
  const list = { name: 'order', namespace: 'shop', context: [] }
  expect((await call('POST', '/tasks', { body: list })).status).toBe(422)
})

test('W-21: pages are bounded, and wrong values of paging are faults', async () => {
  for (const query of [
    'limit=0',
    'limit=101',
    'limit=ten',
    'limit=-1',
    'limit=1&limit=2',
    'sort_by=context',
    'sort_order=ASC',
    'offset=3',
    'created_from=yesterday',
    'context_contains=7',
    'status=done',
  ]) {
    const refused = await call('GET', `/tasks?${query}`)
    expect(refused.status, `of ${query}`).toBe(422)
    const name = query.split('=')[0] ?? ''
    expect((refused.json['faults'] as { path: string }[])[0]?.path).toContain(`query.${name}`)
  }
})

test('W-22: every refusal is a problem with a code', async () => {
  const taskId = await create()
  const refusals = [
    await call('GET', '/tasks/x'),
    await call('POST', `/tasks/${taskId}`),
    await call('POST', '/tasks', { body: '{' }),
    await call('PATCH', `/tasks/${taskId}`, { body: {} }),
    await call('POST', `/tasks/${taskId}/retry`),
  ]
  expect(refusals.map(({ json }) => json['code'])).toEqual([
    'TASK_NOT_FOUND',
    'METHOD_NOT_ALLOWED',
    'BODY_MALFORMED',
    'REQUEST_INVALID',
    'MOVE_NOT_ALLOWED',
  ])
})

test('W-23: tasks are filtered, counted, and pages are linked', async () => {
  const made = await create({
    initiator: 'bo',
    source_system: 'fax',
    tags: ['a,b', 'c'],
    priority: 'high',
    context: { deep: { list: [1, 2] } },
  })
  const contains = encodeURIComponent('{"deep":{"list":[2]}}')
  for (const query of [
    'initiator=bo',
    'source_system=fax',
    'tags=a,b&tags=c',
    'priority=high',
    `context_contains=${contains}`,
    'initiator=bo&status=pending,in_progress&namespace=shop&namespace=x&name=order&version=0.1.0&held=false',
  ]) {
    const found = await call('GET', `/tasks?${query}&include=total`)
    expect(found.json, `of ${query}`).toMatchObject({
      tasks: [{ task_id: made }],
      page: { next_cursor: null, total: { count: 1, is_capped: false } },
    })
  }
  const none = await call('GET', '/tasks?initiator=bo&created_from=2999-01-01T00:00:00Z')
  expect(none.json).toEqual({ tasks: [], page: { next_cursor: null } })
  const first = await call('GET', '/tasks?limit=1&namespace=shop')
  expect(first.headers.get('link')).toMatch(
    /^<\/tasker\/tasks\?limit=1&namespace=shop&cursor=.*>; rel="next"$/,
  )
})

test('W-24: a body is accepted flat, as it is documented, and under `task`', async () => {
  const fields = { name: 'idle', namespace: 'other', context: {} }
  const answers = [
    await call('POST', '/tasks', { body: fields }),
    await call('POST', '/tasks', { body: { task: fields } }),
  ]
  expect(answers.map(({ status }) => status)).toEqual([201, 201])
  const location = answers[0]?.headers.get('location') ?? ''
  expect((await call('GET', location.replace('/tasker', ''))).status).toBe(200)
})

test('W-25: an unknown definition is not found (a duplicate is a conflict: W-27)', async () => {
  const unknown = await call('POST', '/tasks', { body: { name: 'ordr', context: {} } })
  expect(unknown.json).toMatchObject({ status: 404, code: 'DEFINITION_NOT_FOUND' })
})

test('W-26: ids are opaque and read as they are', async () => {
  const taskId = await create()
  for (const id of ['12', '12abc', `${taskId}x`, taskId.slice(0, -1), '..%2Ftasks']) {
    const missing = await call('GET', `/tasks/${id}`)
    expect(missing.json, `of ${id}`).toMatchObject({ status: 404, code: 'TASK_NOT_FOUND' })
  }
})

test('W-27: one key makes one task: again the same with 200, another request is refused', async () => {
  const body = { name: 'idle', namespace: 'other', context: { n: 1 } }
  const headers = { 'idempotency-key': 'key-1' }
  const first = await call('POST', '/tasks', { body, headers })
  const again = await call('POST', '/tasks', { body, headers })
  expect([first.status, again.status]).toEqual([201, 200])
  expect(again.json['task']).toMatchObject({
    task_id: (first.json['task'] as { task_id: string }).task_id,
  })
  expect(first.headers.get('idempotent-replayed')).toBeNull()
  expect(again.headers.get('idempotent-replayed')).toBe('true')
  const other = await call('POST', '/tasks', { body: { ...body, context: { n: 2 } }, headers })
  expect(other.json).toMatchObject({ status: 409, code: 'IDEMPOTENCY_CONFLICT' })

  const many = {
    tasks: [
      { ...body, idempotency_key: 'key-1' },
      { ...body, idempotency_key: 'key-2' },
    ],
  }
  const batch = await call('POST', '/tasks/batch', { body: many })
  expect([batch.status, batch.json['replayed_task_ids']]).toMatchObject([201, [expect.any(String)]])
  const none = { tasks: [body, { ...body, name: 'unknown' }] }
  const before = await call('GET', '/tasks?namespace=other&include=total')
  expect((await call('POST', '/tasks/batch', { body: none })).status).toBe(404)
  const after = await call('GET', '/tasks?namespace=other&include=total')
  expect(after.json['page'], 'all or none').toEqual(before.json['page'])
})

test('W-28: what was missing is there', () => {
  const ids = operations.map(({ id }) => id)
  expect(ids).toEqual(
    expect.arrayContaining([
      'retryTask',
      'rerunTask',
      'resolveTask',
      'holdTask',
      'resumeTask',
      'retryWorkflowStep',
      'skipWorkflowStep',
      'resolveWorkflowStep',
      'wakeWorkflowStep',
      'operateTasks',
      'listTaskHistory',
      'annotateTask',
      'listTaskAnnotations',
      'pruneTasks',
    ]),
  )
  expect(new Set(ids).size).toBe(ids.length)
})

test('W-29: cancelling a task cancels its steps; what is complete is not cancelled', async () => {
  const taskId = await create()
  await call('POST', `/tasks/${taskId}/cancel`, { body: { reason: 'the customer left' } })
  const { json } = await call('GET', `/tasks/${taskId}`)
  const { workflow_steps: steps, status } = json['task'] as {
    readonly status: string
    readonly workflow_steps: readonly { readonly status: string }[]
  }
  expect([status, ...steps.map((step) => step.status)]).toEqual(Array(5).fill('cancelled'))
  const { json: history } = await call('GET', `/tasks/${taskId}/history`)
  expect(JSON.stringify(history)).toContain('the customer left')
})

test('W-30: who changes what has changed since is told so; states and ranges are guarded', async () => {
  const taskId = await create()
  const shown = await call('GET', `/tasks/${taskId}`)
  const etag = shown.headers.get('etag') ?? ''
  const same = await call('GET', `/tasks/${taskId}`, { headers: { 'if-none-match': etag } })
  expect([same.status, same.body]).toEqual([304, ''])
  const ifMatch = { headers: { 'if-match': etag } }
  const changed = await call('PATCH', `/tasks/${taskId}`, { ...ifMatch, body: { tags: ['x'] } })
  expect(changed.status).toBe(200)
  const stale: readonly (readonly [string, string, object?])[] = [
    ['PATCH', `/tasks/${taskId}`, { tags: ['y'] }],
    ['PUT', `/tasks/${taskId}`, { task: { reason: 'y' } }],
    ['DELETE', `/tasks/${taskId}`],
    ['POST', `/tasks/${taskId}/hold`],
    ['POST', `/tasks/${taskId}/annotations`, { annotation_type_name: 'a', annotation: {} }],
    ['PATCH', `/tasks/${taskId}/workflow_steps/charge`, { retry_limit: 9 }],
    ['POST', `/tasks/${taskId}/workflow_steps/charge/skip`],
  ]
  for (const [method, path, body] of stale) {
    const refused = await call(method, path, {
      ...ifMatch,
      ...(body === undefined ? {} : { body }),
    })
    expect(refused.json, `of ${path}`).toMatchObject({ status: 412, code: 'REVISION_CONFLICT' })
  }
  const nonsense = await call('DELETE', `/tasks/${taskId}`, { headers: { 'if-match': '"abc"' } })
  expect(nonsense.status).toBe(412)
  const fresh = changed.headers.get('etag') ?? ''
  const held = await call('POST', `/tasks/${taskId}/hold`, { headers: { 'if-match': fresh } })
  expect(held.json['operation']).toMatchObject({ is_held: true, is_changed: true })

  const limit = { body: { retry_limit: 40_000 } }
  expect((await call('PATCH', `/tasks/${taskId}/workflow_steps/charge`, limit)).status).toBe(422)
  const done = await run()
  const inputs = await call('PATCH', `/tasks/${done}/workflow_steps/charge`, {
    body: { inputs: {} },
  })
  expect(inputs.json).toMatchObject({ status: 409, code: 'MOVE_NOT_ALLOWED' })
})

test('W-31: lists embed nothing unless asked, and cost as many statements for 1 task as for 10', async () => {
  const body = {
    tasks: Array.from({ length: 10 }, () => ({ name: 'order', namespace: 'shop', context: {} })),
  }
  await call('POST', '/tasks/batch', { body })
  const plain = await call('GET', '/tasks?limit=2')
  expect(Object.keys((plain.json['tasks'] as object[])[0] ?? {})).not.toContain('workflow_steps')
  const statements: string[] = []
  const stop = served.tasker.events.on('performance.slow_query', ({ statement }) => {
    statements.push(statement)
  })
  const parts = 'include=workflow_steps,annotations,execution,context,results'
  const counts: number[] = []
  for (const limit of [1, 10]) {
    statements.length = 0
    const { json } = await call('GET', `/tasks?limit=${limit}&${parts}`)
    expect(json['tasks']).toHaveLength(limit)
    counts.push(statements.length)
  }
  stop()
  expect(counts[0]).toBeGreaterThan(0)
  expect(counts[1], `for ${statements.join(' ')}`).toBe(counts[0])
})

test('W-32: paths carry no version: what is published is added to, and clients pass by what they do not know', () => {
  expect(operations.filter(({ path }) => /\/v\d/.test(path))).toEqual([])
})
