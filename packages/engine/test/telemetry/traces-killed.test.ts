// The trace of a task whose worker is killed in the middle: one, connected, with the shape of the graph, told by the process
// that created the task, the one that was killed and the one that took over.
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { ReceivedSpan } from '../../../../tools/otlp-receiver.ts'
import { createTasker } from '../../src/tasker.ts'
import { spanNames } from '../../src/telemetry/traces/hierarchy.ts'
import { databaseForFile } from '../support/database.ts'
import { traceHost } from './host-tracing.ts'
import { tracedDiamond, type TracedWorkerArguments } from './traced-worker.ts'

const database = databaseForFile()

function startWorker(given: TracedWorkerArguments): ChildProcess {
  const program = join(import.meta.dirname, 'traced-worker.ts')
  const child = fork(program, [JSON.stringify(given)], {
    execArgv: ['--conditions=@tasker/source'],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  return child
}

async function said(child: ChildProcess, word: string): Promise<void> {
  for (;;) {
    const [message] = (await once(child, 'message')) as unknown[]
    if (message === word) return
  }
}

/** What stands in the trace of each step: who told it, and how it went. */
const attemptsIn = (spans: readonly ReceivedSpan[]): readonly string[] =>
  spans
    .filter(({ name }) => name === spanNames.attempt)
    .map(({ attributes, resource }) =>
      [
        attributes['tasker.step.name'],
        resource['service.name'],
        attributes['tasker.step.outcome'],
      ].join(' '),
    )
    .toSorted()

test('is one and connected: attempts of both, the lost one told by the survivor', async () => {
  const host = await traceHost()
  const tasker = await createTasker({
    database: { url: database.url, migrate: 'off' },
    definitions: [tracedDiamond],
  })
  onTestFinished(() => tasker.close())
  const collector = host.url
  const killed = startWorker({ name: 'killed', database: database.url, collector })
  await said(killed, 'ready')
  const { taskId } = await tasker.tasks.create(tracedDiamond, { context: {} })
  await said(killed, 'holding')
  const survivor = startWorker({ name: 'survivor', database: database.url, collector })
  await said(survivor, 'ready')
  // What it had finished was exported before it was killed; what it was doing, nobody there will end.
  await host.until((spans) => attemptsIn(spans).length === 2)
  killed.kill('SIGKILL')
  await once(killed, 'exit')
  const task = await tasker.tasks.waitFor(taskId)
  expect(task.state).toBe('complete')
  await host.spans()
  await host.until((spans) => spans.some(({ name }) => name === spanNames.execution))
  const all = await host.until((spans) => (attemptsIn(spans).length === 5 ? spans : null))
  const traceId = all.find(({ name }) => name === spanNames.initialize)?.traceId
  const spans = all.filter((span) => span.traceId === traceId)

  expect(attemptsIn(spans)).toEqual([
    'join survivor complete',
    'left survivor complete',
    'left survivor lost',
    'right killed complete',
    'top killed complete',
  ])
  expect(spans).toHaveLength(11)
  const ids = new Set(spans.map(({ spanId }) => spanId))
  const roots = spans.filter(({ parentSpanId }) => parentSpanId === null)
  expect(roots.map(({ name, resource }) => [name, resource['service.name']])).toEqual([
    [spanNames.initialize, 'host'],
  ])
  expect(spans.filter(({ parentSpanId }) => !ids.has(parentSpanId ?? ''))).toEqual(roots)

  const shape = spans
    .filter(({ name }) => name === spanNames.attempt)
    .map(({ attributes }) => [attributes['tasker.step.name'], attributes['tasker.step.depends_on']])
  expect(Object.fromEntries(shape)).toEqual({
    top: [],
    left: ['top'],
    right: ['top'],
    join: ['left', 'right'],
  })
  const lost = spans.find(({ attributes }) => attributes['tasker.step.outcome'] === 'lost')
  expect(lost?.status).toEqual({ code: 'error', message: 'worker_lost' })
  const history = await tasker.tasks.history(taskId)
  const claimedAt = history.find(
    ({ step, claimNo, to }) => step === 'left' && claimNo === 1 && to === 'in_progress',
  )?.at
  expect(Number((lost?.startNs ?? 0n) / 1_000_000n)).toBe(claimedAt?.getTime())
  const again = spans.find(
    ({ name, attributes }) =>
      name === spanNames.attempt &&
      attributes['tasker.step.name'] === 'left' &&
      attributes['tasker.step.outcome'] === 'complete',
  )
  expect(again?.attributes).toMatchObject({ 'tasker.step.losses': 1, 'tasker.step.claim': 2 })
})
