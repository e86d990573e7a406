// What is said of traces: one that is right passes every check, and each check fails on a trace that is wrong in its way.
import { expect, test } from 'vitest'
import type { Finding } from '../src/validation/checklist.ts'
import { endUs, type SpanRecord } from '../src/validation/span-record.ts'
import * as traces from '../src/validation/trace-checks.ts'
import { diamondRun, traceOf } from './trace-of-run.ts'

const marker = 'sk_validation_0123'
const right = traceOf(diamondRun)

type Spans = readonly SpanRecord[]
type Finder = (traces: readonly traces.TaskTrace[]) => Finding

const checks: Readonly<Record<string, Finder>> = {
  collection: traces.collectionFinding,
  root: traces.rootFinding,
  counts: traces.countsFinding,
  parents: traces.parentsFinding,
  durations: traces.durationsFinding,
  order: traces.orderFinding,
  overlap: traces.overlapFinding,
  attributes: traces.attributesFinding,
  correlation: traces.correlationFinding,
  links: traces.linksFinding,
  secrets: (all) =>
    traces.secretsFinding(
      all.flatMap(({ spans }) => spans),
      marker,
    ),
}

const faultsOf = (spans: Spans): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    Object.entries(checks)
      .map(([name, find]) => [name, find([{ run: diamondRun, spans }]).faults] as const)
      .filter(([, faults]) => faults.length > 0),
  )

/** The spans of this name, of this step where one is given, with something else in them. */
const changed = (name: string, step: string | null, change: Partial<SpanRecord>): Spans =>
  right.spans.map((span) => (isIt(span, name, step) ? { ...span, ...change } : span))

const isIt = (span: SpanRecord, name: string, step: string | null): boolean =>
  span.name === name && (step === null || span.attributes['tasker.step.name'] === step)

function one(name: string, step: string | null = null): SpanRecord {
  const span = right.spans.find((each) => isIt(each, name, step))
  if (span === undefined) throw new Error(`There is no ${name} ${step}.`)
  return span
}

const attempt = 'tasker.step.execution'
const handler = 'tasker.step.handle'
const created = 'tasker.task.initialize'

test('a trace that is right passes every check', () => {
  expect(faultsOf(right.spans)).toEqual({})
  expect(traces.collectionFinding([right]).seen).toBe('1 trace, 10 spans, 409 ms in all')
})

test('spans of other instrumentations may stand between', () => {
  const http: SpanRecord = {
    ...one(handler, 'merge_results'),
    name: 'HTTP GET',
    spanId: 'e'.repeat(16),
    parentId: one(handler, 'merge_results').spanId,
    attributes: {},
  }
  expect(faultsOf([...right.spans, http])).toEqual({})
})

test.for<readonly [what: string, spans: Spans, check: string, fault: string]>([
  [
    'no trace at all',
    [],
    'collection',
    'diamond: the task 01990000-0000-7000-8000-000000000001 has no trace.',
  ],
  [
    'a trace that is torn in two',
    changed(attempt, 'merge_results', { traceId: 'a'.repeat(32) }),
    'collection',
    `diamond: its spans stand in 2 traces: ${one(created).traceId}, ${'a'.repeat(32)}.`,
  ],
  [
    'two roots',
    changed('tasker.task.execution', null, { parentId: null }),
    'root',
    'diamond: it has 2 roots: tasker.task.initialize 1, tasker.task.execution 1.',
  ],
  [
    'a root that is something else',
    changed(created, null, { name: 'GET /orders' }),
    'root',
    'diamond: its root is GET /orders, not tasker.task.initialize.',
  ],
  [
    'an attempt that was not sampled',
    right.spans.filter((span) => !isIt(span, handler, 'process_branch_a')),
    'counts',
    'diamond: 3 spans tasker.step.handle, not 4.',
  ],
  [
    'a task that ends twice',
    [...right.spans, { ...one('tasker.task.execution'), spanId: 'c'.repeat(16) }],
    'counts',
    'diamond: 2 spans tasker.task.execution, not 1.',
  ],
  [
    'a parent that never came',
    changed(handler, 'merge_results', { parentId: 'b'.repeat(16) }),
    'parents',
    'diamond: tasker.step.handle merge_results has a parent that is not there.',
  ],
  [
    'a child of the wrong span',
    changed(attempt, 'merge_results', { parentId: one(attempt, 'validate_input').spanId }),
    'parents',
    'diamond: tasker.step.execution merge_results is a child of tasker.step.execution, not of tasker.task.initialize.',
  ],
  [
    'an attempt that took no time',
    changed(attempt, 'validate_input', { durationUs: 0 }),
    'durations',
    'diamond: tasker.step.execution validate_input has no duration.',
  ],
  [
    'a step before its parents',
    changed(handler, 'merge_results', { startUs: one(handler, 'process_branch_a').startUs }),
    'order',
    'diamond: merge_results did not start after process_branch_a, on which it depends.',
  ],
  [
    'a span that names other parents',
    changed(attempt, 'merge_results', {
      attributes: {
        ...one(attempt, 'merge_results').attributes,
        'tasker.step.depends_on': ['validate_input'],
      },
    }),
    'order',
    'diamond: merge_results depends on [process_branch_a, process_branch_b]; its span says [validate_input].',
  ],
  [
    'branches one after the other',
    changed(handler, 'process_branch_b', { startUs: endUs(one(handler, 'process_branch_a')) }),
    'overlap',
    'diamond: process_branch_a, process_branch_b did not run side by side.',
  ],
  [
    'a span without the id of its task',
    changed('tasker.task.execution', null, {
      attributes: { 'tasker.correlation_id': diamondRun.correlationId },
    }),
    'attributes',
    'diamond: tasker.task.execution: tasker.task.id is nothing, not a text.',
  ],
  [
    'an attempt that is a text',
    changed(handler, 'validate_input', {
      attributes: { ...one(handler, 'validate_input').attributes, 'tasker.step.attempt': '1' },
    }),
    'attributes',
    'diamond: tasker.step.handle validate_input: tasker.step.attempt is 1, not a number.',
  ],
  [
    'the name of another task',
    changed(created, null, {
      attributes: { ...one(created).attributes, 'tasker.task.name': 'linear' },
    }),
    'attributes',
    'diamond: tasker.task.initialize: tasker.task.name is linear, not diamond.',
  ],
  [
    'another correlation id',
    changed(created, null, {
      attributes: { ...one(created).attributes, 'tasker.correlation_id': 'req_1' },
    }),
    'correlation',
    'diamond: tasker.task.initialize says req_1, not tsk_validation_abc_diamond.',
  ],
  [
    'an attempt that is linked to nothing',
    changed(attempt, 'validate_input', { links: [] }),
    'links',
    'diamond: tasker.step.execution validate_input is linked to nothing.',
  ],
  [
    'a value of the context in an attribute',
    changed(handler, 'validate_input', {
      events: [{ name: 'exception', attributes: { 'exception.message': `${marker} is no key` } }],
    }),
    'secrets',
    `tasker.step.handle validate_input of the trace ${one(created).traceId} tells a value of a context.`,
  ],
])('%s is found out', ([, spans, check, fault]) => {
  expect(faultsOf(spans)[check]).toContain(fault)
})
