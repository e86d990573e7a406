// What a client reads and writes of tasks and steps over REST.
import { describe, expect, it } from 'vitest'
import type { Checked } from '../support/checked.ts'
import { hostile, shopForFile } from './shop.ts'

const { served, call, create, run } = shopForFile()

describe('a task that ran', () => {
  it('is shown whole: standing, context, steps with their places, annotations', async () => {
    const taskId = await run({ initiator: 'ana', source_system: 'till', tags: ['vip'] })
    const { json, headers } = await call('GET', `/tasks/${taskId}`)
    expect(json['task']).toMatchObject({
      task_id: taskId,
      full_name: 'shop.order@0.1.0',
      status: 'complete',
      complete: true,
      context: { customer: 7 },
      initiator: 'ana',
      source_system: 'till',
      tags: ['vip'],
      execution: { execution_status: 'all_complete', health_status: 'healthy' },
      task_annotations: [{ annotation_type_name: 'customer', annotation: { id: 7 } }],
      workflow_steps: [
        { workflow_step_id: 1, name: 'reserve', children_ids: [2, 3], siblings_ids: [] },
        {
          name: 'charge',
          parents_ids: [1],
          children_ids: [4],
          siblings_ids: [3],
          results: { receipt: 'r-1' },
          processed: true,
        },
        { name: 'pack', siblings_ids: [2] },
        { name: 'ship', parents_ids: [2, 3], status: 'complete' },
      ],
    })
    expect(json['task']).not.toHaveProperty('dependency_analysis')
    expect(headers.get('etag')).toMatch(/^"\d+-[\w-]{16}"$/)
  })

  it('has its analysis in both ways of asking, and fields as they were named', async () => {
    const taskId = await run()
    for (const query of ['include_dependencies=true', 'include=dependency_analysis,results']) {
      const { json } = await call('GET', `/tasks/${taskId}?${query}`)
      expect(json['task']).toMatchObject({
        dependency_analysis: {
          dependency_graph: { nodes: [{ id: 1, name: 'reserve', level: 0 }, {}, {}, {}] },
          critical_paths: { longest_path_length: 3 },
          task_execution_summary: { total_steps: 4 },
        },
      })
    }
    const sparse = await call('GET', `/tasks/${taskId}?fields=status,results`)
    expect(sparse.json['task']).toEqual({
      task_id: taskId,
      status: 'complete',
      results: { reserve: { shelf: 3 }, charge: { receipt: 'r-1' }, pack: 'box', ship: null },
    })
    const listed = await call('GET', '/tasks?limit=1&fields=task_id&include=annotations,execution')
    expect(listed.json['tasks']).toMatchObject([{ task_id: taskId, task_annotations: [{}] }])
  })

  it('has a history in pages, a timeline, and a reason why', async () => {
    const taskId = await run({ name: 'failing' })
    const entries: unknown[] = []
    let path: string | null = `/tasks/${taskId}/history?limit=2`
    while (path !== null) {
      const page: Checked = await call('GET', path)
      entries.push(...(page.json['history'] as unknown[]))
      path = /<\/tasker(.*)>/.exec(page.headers.get('link') ?? '')?.[1] ?? null
    }
    const whole = await served.tasker.tasks.history(taskId)
    expect(entries).toHaveLength(whole.length)
    expect(entries).toMatchObject(whole.map(({ seq, to }) => ({ seq, to_status: to })))
    const lost = await call('GET', `/tasks/${taskId}/history?cursor=x`)
    expect([lost.status, lost.json['faults']]).toMatchObject([422, [{ path: 'query.cursor' }]])

    const { json } = await call('GET', `/tasks/${taskId}/timeline`)
    expect(json['timeline']).toMatchObject({
      status: 'error',
      entries: expect.arrayContaining([
        expect.objectContaining({ step: 'charge', kind: 'failed' }),
      ]) as unknown,
      steps: [{ name: 'charge', claims: 1, status: 'error' }, { name: 'ship' }],
    })

    const why = await call('GET', `/tasks/${taskId}/why`)
    expect(why.json['why']).toMatchObject({
      root_cause: 'charge',
      remedies: [
        {
          command: `tasker task retry ${taskId} --step charge`,
          request: { method: 'POST', path: `/tasker/tasks/${taskId}/workflow_steps/charge/retry` },
        },
        {},
        {},
        {},
        {},
      ],
    })
  })
})

describe('steps', () => {
  it('are listed in pages, shown by name or number, and changed', async () => {
    const taskId = await run()
    const first = await call('GET', `/tasks/${taskId}/workflow_steps?limit=3&include=total`)
    expect(first.json['steps']).toMatchObject([{ name: 'reserve' }, {}, {}])
    expect(first.json['page']).toEqual({ next_cursor: '3', total: { count: 4, is_capped: false } })
    const back = `/tasks/${taskId}/workflow_steps?sort_order=desc&cursor=3&fields=name,results`
    expect((await call('GET', back)).json['steps']).toEqual([
      { task_id: taskId, workflow_step_id: 2, name: 'charge', results: { receipt: 'r-1' } },
      { task_id: taskId, workflow_step_id: 1, name: 'reserve', results: { shelf: 3 } },
    ])
    const byName = await call('GET', `/tasks/${taskId}/workflow_steps/charge`)
    const byNumber = await call('GET', `/tasks/${taskId}/workflow_steps/2`)
    expect(byNumber.json).toEqual(byName.json)
    expect(byName.json['step']).toMatchObject({ results: { receipt: 'r-1' }, attempts: 1 })
    const missing = await call('GET', `/tasks/${taskId}/workflow_steps/chrage`)
    expect(missing.json).toMatchObject({ status: 404, code: 'STEP_NOT_FOUND' })

    const waiting = await create()
    for (const [method, body] of [
      ['PATCH', { retry_limit: 22 }],
      ['PUT', { workflow_step: { retry_limit: 23, inputs: { gift: true } } }],
    ] as const) {
      const changed = await call(method, `/tasks/${waiting}/workflow_steps/charge`, { body })
      expect(changed.status).toBe(200)
    }
    const { json } = await call('GET', `/tasks/${waiting}/workflow_steps/2`)
    expect(json['step']).toMatchObject({ retry_limit: 23, inputs: { gift: true } })
  })
})

describe('annotations', () => {
  it('are attached once, listed by type, and find their task', async () => {
    const taskId = await create()
    const body = { annotation_type_name: 'complaint', annotation: { level: 3 } }
    const path = `/tasks/${taskId}/annotations`
    const [first, again] = [await call('POST', path, { body }), await call('POST', path, { body })]
    expect([first.status, again.status]).toEqual([201, 200])
    const listed = await call('GET', `${path}?type=complaint`)
    expect(listed.json).toMatchObject({ annotations: [{ annotation: { level: 3 } }] })
    const filter = `annotation_type=complaint&annotation_contains=${encodeURIComponent('{"level":3}')}`
    const found = await call('GET', `/tasks?${filter}`)
    expect(found.json['tasks']).toMatchObject([{ task_id: taskId }])
  })
})

describe('a graph', () => {
  it('is drawn in four forms, and names of steps do nothing in any of them', async () => {
    const taskId = await create({ name: 'evil' })
    const path = `/tasks/${taskId}/graph`
    const json = await call('GET', path)
    expect(json.json['graph']).toMatchObject({ task_id: taskId, nodes: [{ name: hostile }] })
    const drawn = await Promise.all(
      ['mermaid', 'dot', 'svg'].map(async (format) => call('GET', `${path}?format=${format}`)),
    )
    expect(drawn.map(({ headers }) => headers.get('content-type'))).toEqual([
      'text/vnd.mermaid; charset=utf-8',
      'text/vnd.graphviz; charset=utf-8',
      'image/svg+xml; charset=utf-8',
    ])
    const svg = drawn[2]
    const tags = String(svg?.body).match(/(?<=<)[a-z]\w*/gi) ?? []
    expect(new Set(tags)).toEqual(
      new Set([
        'svg',
        'title',
        'desc',
        'style',
        'defs',
        'marker',
        'path',
        'rect',
        'text',
        'g',
        'circle',
      ]),
    )
    expect(svg?.body).toContain('&lt;script&gt;')
    expect(svg?.body).not.toMatch(/<[^>]*\s(?:on\w+|href|xlink:href)=/i)
    expect(svg?.headers.get('content-security-policy')).toContain('sandbox')
    const shown = await call(
      'GET',
      `/tasks/${taskId}/workflow_steps/${encodeURIComponent(hostile)}`,
    )
    expect(shown.json['step']).toMatchObject({ name: hostile })
  })
})
