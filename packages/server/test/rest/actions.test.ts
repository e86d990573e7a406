// What operators do over REST, with a worker that runs in the same process: to one task, to one step, to many; and pruning.
import { defineTask, PermanentError } from '@tasker/engine'
import { describe, expect, it } from 'vitest'
import { checked, type Checked } from '../support/checked.ts'
import { servedForFile, type CallOptions } from '../support/served.ts'

const gateway = { isBroken: true }

const payment = defineTask({ name: 'payment', namespace: 'shop' })
  .step('charge', { retry: { limit: 1 } }, async ({ context }) => {
    if (gateway.isBroken) throw new PermanentError('gateway is down')
    return context['amount'] ?? null
  })
  .step('receipt', { dependsOn: ['charge'] }, async ({ results }) => ({ of: results['charge'] }))

const later = defineTask({ name: 'later', namespace: 'shop' })
  .step('wait', async (step) =>
    step.claimNo === 1 ? step.waitUntil(new Date('2999-01-01T00:00:00Z'), 'too early') : 'woken',
  )
  .step('retry', { retry: { limit: 3 } }, async (step) => {
    if (step.attempt === 1) throw Object.assign(new Error('once'), {})
    return 'retried'
  })

const served = servedForFile(() => ({
  definitions: [payment, later],
  backoff: { defaultBackoffSeconds: [3_000], maxBackoffSeconds: 3_000, jitterEnabled: false },
}))

const call = async (method: string, path: string, options?: CallOptions): Promise<Checked> =>
  checked(served, method, path, options)

const create = async (name: string, fields: object = {}): Promise<string> => {
  const body = { name, namespace: 'shop', context: { amount: 5 }, ...fields }
  return ((await call('POST', '/tasks', { body })).json['task'] as { task_id: string }).task_id
}

const runToEnd = async (taskId: string): Promise<void> => {
  await served.tasker.worker.start()
  await served.tasker.tasks.waitFor(taskId)
}

const failed = async (fields: object = {}): Promise<string> => {
  gateway.isBroken = true
  const taskId = await create('payment', fields)
  await runToEnd(taskId)
  return taskId
}

const operationOf = ({ json }: Checked): object => json['operation'] as object

describe('one task', () => {
  it('is retried as `why` says, and completes', async () => {
    const taskId = await failed()
    const why = await call('GET', `/tasks/${taskId}/why`)
    const [remedy] = (why.json['why'] as { remedies: { request: { path: string } }[] }).remedies
    gateway.isBroken = false
    const done = await call('POST', (remedy?.request.path ?? '').replace('/tasker', ''), {
      body: { reason: 'the gateway is back' },
    })
    expect(operationOf(done)).toMatchObject({
      action: 'retry',
      from_status: 'error',
      status: 'in_progress',
      is_changed: true,
      steps: [{ name: 'charge', from_status: 'error', status: 'pending', cause: 'asked' }],
      undo: { request: null },
    })
    await runToEnd(taskId)
    const { json } = await call('GET', `/tasks/${taskId}?fields=status,results`)
    expect(json['task']).toMatchObject({ status: 'complete', results: { receipt: { of: 5 } } })
    const history = JSON.stringify((await call('GET', `/tasks/${taskId}/history`)).json)
    expect(history).toContain('the gateway is back')
  })

  it('is held and resumed, each the undo of the other, and again is no change', async () => {
    const taskId = await failed()
    await call('POST', `/tasks/${taskId}/retry`)
    await served.tasker.tasks.waitFor(taskId)
    const held = await call('POST', `/tasks/${await create('later')}/hold`)
    const { undo } = operationOf(held) as { undo: { request: { path: string } } }
    expect(operationOf(held)).toMatchObject({ is_held: true, is_changed: true })
    const path = undo.request.path.replace('/tasker', '')
    expect(operationOf(await call('POST', path))).toMatchObject({ is_held: false })
    expect(operationOf(await call('POST', path))).toMatchObject({ is_changed: false })
  })

  it('in error is resolved; what is done is done again as a new task, after a dry run', async () => {
    const taskId = await failed()
    const resolved = await call('POST', `/tasks/${taskId}/resolve`)
    expect(operationOf(resolved)).toMatchObject({ status: 'resolved_manually' })
    const dry = await call('POST', `/tasks/${taskId}/rerun`, { body: { dry_run: true } })
    expect([dry.status, dry.json['rerun']]).toMatchObject([
      200,
      { task_id: null, steps: [{ name: 'charge', runs: true, was: 'error' }, { runs: true }] },
    ])
    gateway.isBroken = false
    const made = await call('POST', `/tasks/${taskId}/rerun`, { body: { context: { amount: 6 } } })
    const location = made.headers.get('location')?.replace('/tasker', '') ?? ''
    await runToEnd(location.replace('/tasks/', ''))
    const { json } = await call('GET', location)
    expect([made.status, json['task']]).toMatchObject([
      201,
      { rerun_of: taskId, status: 'complete', context: { amount: 6 } },
    ])
    const unknown = await call('POST', `/tasks/${taskId}/rerun`, { body: { from: 'chrage' } })
    expect(unknown.json).toMatchObject({ status: 404, code: 'STEP_NOT_FOUND' })
  })

  it('takes no idempotency key where none is kept, and `if-match` instead', async () => {
    const taskId = await failed()
    const headers = { 'idempotency-key': 'k' }
    for (const action of ['retry', 'retry_now', 'wake', 'rerun']) {
      const refused = await call('POST', `/tasks/${taskId}/${action}`, { headers })
      expect(refused.json, `of ${action}`).toMatchObject({ status: 422, code: 'REQUEST_INVALID' })
    }
    const { headers: shown } = await call('GET', `/tasks/${taskId}`)
    const ifMatch = { headers: { 'if-match': shown.get('etag') ?? '' } }
    expect((await call('POST', `/tasks/${taskId}/rerun`, ifMatch)).status).toBe(201)
    expect((await call('POST', `/tasks/${taskId}/rerun`, ifMatch)).status).toBe(412)
  })
})

describe('one step', () => {
  it('is resolved with a result that its children get', async () => {
    const taskId = await failed()
    const resolved = await call('POST', `/tasks/${taskId}/workflow_steps/1/resolve`, {
      body: { result: 'by phone' },
    })
    expect(operationOf(resolved)).toMatchObject({ from_status: 'error', status: 'in_progress' })
    await runToEnd(taskId)
    const { json } = await call('GET', `/tasks/${taskId}?fields=results`)
    expect(json['task']).toMatchObject({
      results: { charge: 'by phone', receipt: { of: 'by phone' } },
    })
  })

  it('that waits is woken, and a retry that is to come comes now', async () => {
    const taskId = await create('later')
    await served.tasker.worker.start()
    const { tasker } = served
    const isWaiting = async (): Promise<boolean> => {
      const [steps = []] = await tasker.tasks.stepsOf([taskId])
      return steps.map(({ blockedBy }) => blockedBy).join() === 'wait,retry'
    }
    await expect.poll(isWaiting).toBe(true)
    const { json } = await call('GET', `/tasks/${taskId}/workflow_steps/retry`)
    expect(json['step']).toMatchObject({ status: 'error', blocked_by: 'retry' })
    const woken = await call('POST', `/tasks/${taskId}/workflow_steps/wait/wake`)
    const retried = await call('POST', `/tasks/${taskId}/workflow_steps/2/retry_now`)
    expect([woken.status, retried.status]).toEqual([200, 200])
    expect((await tasker.tasks.waitFor(taskId)).results).toEqual({
      wait: 'woken',
      retry: 'retried',
    })
  })

  it('is skipped, or cancelled with all that depends on it', async () => {
    await served.tasker.worker.stop()
    const skipped = await create('payment')
    const done = await call('POST', `/tasks/${skipped}/workflow_steps/charge/skip`)
    expect(operationOf(done)).toMatchObject({
      steps: [
        { name: 'charge', status: 'skipped', cause: 'asked' },
        { name: 'receipt', cause: 'release' },
      ],
      undo: { request: { path: `/tasker/tasks/${skipped}/rerun`, body: { from: ['charge'] } } },
    })
    const { json } = await call('GET', `/tasks/${skipped}`)
    expect(json['task']).toMatchObject({ bypass_steps: ['charge'] })
    const cancelled = await call('DELETE', `/tasks/${await create('payment')}/workflow_steps/1`)
    expect(operationOf(cancelled)).toMatchObject({
      steps: [
        { status: 'cancelled', cause: 'asked' },
        { name: 'receipt', cause: 'descent' },
      ],
    })
    const missing = await call('POST', `/tasks/${skipped}/workflow_steps/9/skip`)
    expect(missing.json).toMatchObject({ status: 404, code: 'STEP_NOT_FOUND' })
  })
})

describe('many tasks', () => {
  it('are retried together after a dry run, no more of them than were allowed', async () => {
    for (const tag of ['one', 'two', 'three']) await failed({ tags: ['bulk', tag] })
    const order = { action: 'retry', filter: { tags: ['bulk'] }, reason: 'the gateway is back' }
    const dry = await call('POST', '/tasks/actions', { body: { ...order, dry_run: true } })
    expect(dry.json['report']).toMatchObject({ matched: 3, changed: 3, is_complete: true })
    const still = await call('GET', '/tasks?tags=bulk&status=error&include=total')
    expect(still.json['page']).toMatchObject({ total: { count: 3 } })
    gateway.isBroken = false
    const some = await call('POST', '/tasks/actions', { body: { ...order, limit: 2 } })
    expect(some.json['report']).toMatchObject({ changed: 2, is_complete: false, has_failed: false })
    const { next_cursor: cursor } = some.json['report'] as { next_cursor: string }
    const rest = await call('POST', '/tasks/actions', { body: { ...order, limit: 2, cursor } })
    expect(rest.json['report']).toMatchObject({ matched: 1, changed: 1, is_complete: true })
    const limits = {
      action: 'set_retry_limit',
      step: 'charge',
      retry_limit: 9,
      filter: { tags: ['x'] },
    }
    expect((await call('POST', '/tasks/actions', { body: limits })).status).toBe(200)
  })

  it('are never all there are by mistake', async () => {
    for (const filter of [{}, { colour: 'red' }, undefined]) {
      const refused = await call('POST', '/tasks/actions', { body: { action: 'cancel', filter } })
      expect(refused.json).toMatchObject({ status: 422, code: 'REQUEST_INVALID' })
    }
  })

  it('that have ended are removed, after a dry run', async () => {
    await failed({ tags: ['old'] })
    await served.tasker.worker.stop() // while it lives, it may have an outcome to tell
    const order = { older_than_ms: 0, status: ['error'], namespace: 'shop' }
    const dry = await call('POST', '/tasks/prune', { body: { ...order, dry_run: true } })
    const { task_count: count } = dry.json['report'] as { task_count: number }
    expect(count).toBeGreaterThan(0)
    const gone = await call('POST', '/tasks/prune', { body: order })
    expect(gone.json['report']).toMatchObject({
      task_count: count,
      busy_count: 0,
      is_complete: true,
    })
    expect((await call('GET', '/tasks?status=error')).json['tasks']).toEqual([])
    const young = await call('POST', '/tasks/prune', { body: { older_than_ms: -1 } })
    expect(young.status).toBe(422)
  })
})
