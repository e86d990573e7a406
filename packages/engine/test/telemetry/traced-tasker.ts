// A Tasker whose tasks are traced, and how to find in what was exported what a test asks for.
import { onTestFinished } from 'vitest'
import type { ReceivedSpan } from '../../../../tools/otlp-receiver.ts'
import { defineTask } from '../../src/definitions/builder.ts'
import { createTasker, type Tasker } from '../../src/tasker.ts'
import type { TaskerOptions } from '../../src/tasker-options.ts'
import { spanNames } from '../../src/telemetry/traces/hierarchy.ts'
import type { HostTracing } from './host-tracing.ts'

export const settings = { namespace: 'traces', version: '1.0.0' }

export const linear = defineTask({ ...settings, name: 'linear' })
  .step('a', async () => null)
  .step('b', { dependsOn: ['a'] }, async () => null)
  .step('c', { dependsOn: ['b'] }, async () => null)

type Definitions = NonNullable<TaskerOptions['definitions']>

/** Works until the test ends. */
export async function working(
  url: string,
  definitions: Definitions,
  options: TaskerOptions = {},
): Promise<Tasker> {
  const tasker = await createTasker({
    database: { url, migrate: 'off' },
    definitions,
    ...options,
  })
  onTestFinished(() => tasker.close())
  await tasker.worker.start()
  return tasker
}

/** All spans of the trace of a task, when all that can come has come. */
export async function traceOf(
  host: HostTracing,
  tasker: Tasker,
  taskId: string,
): Promise<readonly ReceivedSpan[]> {
  await tasker.worker.idle()
  const spans = await host.spans()
  const root = spans.find(
    ({ name, attributes }) =>
      name === spanNames.initialize && attributes['tasker.task.id'] === taskId,
  )
  return spans.filter(({ traceId }) => traceId === root?.traceId)
}

export const named = (spans: readonly ReceivedSpan[], name: string): readonly ReceivedSpan[] =>
  spans.filter((span) => span.name === name)

export const attemptsOf = (spans: readonly ReceivedSpan[], step: string): readonly ReceivedSpan[] =>
  named(spans, spanNames.attempt).filter(
    ({ attributes }) => attributes['tasker.step.name'] === step,
  )

export const outcomesOf = (spans: readonly ReceivedSpan[], step: string): readonly unknown[] =>
  attemptsOf(spans, step).map(({ attributes }) => attributes['tasker.step.outcome'])

export const parentName = (spans: readonly ReceivedSpan[], span: ReceivedSpan): string | null =>
  spans.find(({ spanId }) => spanId === span.parentSpanId)?.name ?? span.parentSpanId
