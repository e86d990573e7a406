// What the traces of a validation must show: plain functions over spans. The hierarchy they hold the spans to is the engine's
// `spansOfTask`.
import { count, spanNames, spansOfTask } from '@tasker/engine'
import type { Finding } from './checklist.ts'
import { endUs, stepNameKey, stepOf, type AttributeValue, type SpanRecord } from './span-record.ts'
import { validationNamespace } from './workflows.ts'
import type { Run } from './run-workflows.ts'

/** A workflow that ran, and every span of the traces in which it was found. */
export interface TaskTrace {
  readonly run: Run
  readonly spans: readonly SpanRecord[]
}

const isGolden = ({ name }: SpanRecord): boolean =>
  Object.hasOwn(spansOfTask({ attempts: 0 }), name)

const named = (spans: readonly SpanRecord[], name: string): readonly SpanRecord[] =>
  spans.filter((span) => span.name === name)

/** Faults of each trace, under the name of its workflow. */
const faultsOf = (
  traces: readonly TaskTrace[],
  look: (trace: TaskTrace) => readonly string[],
): readonly string[] =>
  traces.flatMap((trace) => look(trace).map((fault) => `${trace.run.name}: ${fault}`))

/** Every task has one trace, and all its spans have arrived. */
export function collectionFinding(traces: readonly TaskTrace[]): Finding {
  const spans = traces.flatMap((trace) => trace.spans)
  const totalMs = spans.reduce((sum, { durationUs }) => sum + durationUs, 0) / 1_000
  return {
    seen: `${count(traces.length, 'trace')}, ${count(spans.length, 'span')}, ${totalMs.toFixed(0)} ms in all`,
    faults: faultsOf(traces, ({ run, spans: of }) => {
      const ids = new Set(of.map(({ traceId }) => traceId))
      if (ids.size === 0) return [`the task ${run.taskId} has no trace.`]
      return ids.size === 1
        ? []
        : [`its spans stand in ${ids.size} traces: ${[...ids].join(', ')}.`]
    }),
    remedy:
      'See that the exporter reaches the collector (OTEL_EXPORTER_OTLP_ENDPOINT), and that the sampler and telemetry.eventSamplingRate let all through; --verbose shows the set-up.',
    more: traces.map(({ run, spans: of }) => `${run.name}: trace ${of[0]?.traceId ?? 'none'}`),
  }
}

/** One root: the span in which the task was created. */
export function rootFinding(traces: readonly TaskTrace[]): Finding {
  return {
    seen: `one ${spanNames.initialize} each`,
    faults: faultsOf(traces, ({ spans }) => {
      const roots = spans.filter(({ parentId }) => parentId === null)
      const [root] = roots
      if (roots.length !== 1 || root === undefined)
        return [`it has ${count(roots.length, 'root')}: ${namesOf(roots)}.`]
      return root.name === spanNames.initialize
        ? []
        : [`its root is ${root.name}, not ${spanNames.initialize}.`]
    }),
    remedy:
      'Nothing may make a span around the creation of these tasks, and all processes must use W3C trace context.',
  }
}

/** As many spans of each name as there were tasks and attempts. */
export function countsFinding(traces: readonly TaskTrace[]): Finding {
  const attempts = traces.reduce((sum, { run }) => sum + run.attempts, 0)
  return {
    seen: `${count(attempts, 'attempt')}, a ${spanNames.attempt} each`,
    faults: faultsOf(traces, ({ run, spans }) =>
      Object.entries(spansOfTask(run)).flatMap(([name, { count: expected }]) => {
        const { length } = named(spans, name)
        return length === expected ? [] : [`${count(length, 'span')} ${name}, not ${expected}.`]
      }),
    ),
    remedy: 'Sample whole traces: a sampler that decides span by span tears them.',
    more: traces.map(({ run, spans }) => `${run.name}: ${namesOf(spans)}`),
  }
}

/** Each span's parent is there, and is the one that it should be. */
export function parentsFinding(traces: readonly TaskTrace[]): Finding {
  return {
    seen: 'every parent is there, and the right one',
    faults: faultsOf(traces, ({ run, spans }) => {
      const byId = new Map(spans.map((span) => [span.spanId, span]))
      const golden = spansOfTask(run)
      return spans.flatMap((span) => {
        const parent = span.parentId === null ? null : byId.get(span.parentId)
        if (parent === undefined) return [`${shownSpan(span)} has a parent that is not there.`]
        const expected = golden[span.name]?.parent
        if (expected === undefined || expected === (parent?.name ?? null)) return []
        return [
          `${shownSpan(span)} is a child of ${parent?.name ?? 'nothing'}, not of ${expected ?? 'nothing'}.`,
        ]
      })
    }),
    remedy: 'Wait longer with --timeout; spans that are dropped show in the log of the exporter.',
  }
}

/** Attempts and handlers took time. */
export function durationsFinding(traces: readonly TaskTrace[]): Finding {
  const timed = (spans: readonly SpanRecord[]): readonly SpanRecord[] => [
    ...named(spans, spanNames.attempt),
    ...named(spans, spanNames.handle),
  ]
  const all = timed(traces.flatMap(({ spans }) => spans))
  const meanMs = all.reduce((sum, each) => sum + each.durationUs, 0) / 1_000 / (all.length || 1)
  return {
    seen: `${meanMs.toFixed(1)} ms on average`,
    faults: faultsOf(traces, ({ spans }) =>
      timed(spans)
        .filter(({ durationUs }) => !(durationUs > 0))
        .map((span) => `${shownSpan(span)} has no duration.`),
    ),
    remedy: 'Spans must be exported with their own times.',
  }
}

/** The handler of a step starts when those of its parents have ended, and its span names them. */
export function orderFinding(traces: readonly TaskTrace[]): Finding {
  return {
    seen: 'no step before its parents; spans name them',
    faults: faultsOf(traces, ({ run, spans }) =>
      run.steps.flatMap(({ name, dependsOn }) => {
        const own = spanOf(spans, spanNames.handle, name)
        const told = spanOf(spans, spanNames.attempt, name)?.attributes['tasker.step.depends_on']
        const isTold = JSON.stringify(sorted(told)) === JSON.stringify(sorted(dependsOn))
        const early = dependsOn.filter((parent) => {
          const before = spanOf(spans, spanNames.handle, parent)
          return own === undefined || before === undefined || endUs(before) > own.startUs
        })
        return [
          ...early.map((parent) => `${name} did not start after ${parent}, on which it depends.`),
          ...(isTold
            ? []
            : [`${name} depends on ${shownList(dependsOn)}; its span says ${shownList(told)}.`]),
        ]
      }),
    ),
    remedy: 'The clocks of all processes must agree: see NTP. Otherwise report it with the trace.',
  }
}

/** Steps that depend on the same steps ran at the same time. */
export function overlapFinding(traces: readonly TaskTrace[]): Finding {
  const groups = traces.flatMap(({ run, spans }) =>
    [...Map.groupBy(run.steps, ({ dependsOn }) => dependsOn.join()).values()]
      .filter((steps) => steps.length > 1)
      .map((steps) => ({ run, spans, names: steps.map(({ name }) => name) })),
  )
  return {
    seen: groups.map(({ names }) => names.join(' with ')).join('; '),
    faults: groups.flatMap(({ run, spans, names }) => {
      const those = names.map((name) => spanOf(spans, spanNames.handle, name))
      const found = those.filter((span) => span !== undefined)
      const lastStart = Math.max(...found.map(({ startUs }) => startUs))
      const firstEnd = Math.min(...found.map(endUs))
      if (found.length === names.length && lastStart < firstEnd) return []
      return [`${run.name}: ${names.join(', ')} did not run side by side.`]
    }),
    remedy:
      'A worker needs slots for them: execution.minConcurrentSteps, and an event loop that is not blocked.',
  }
}

type Kind = 'text' | 'number' | 'list'
const ofTask: Readonly<Record<string, Kind>> = {
  'tasker.task.id': 'text',
  'tasker.task.name': 'text',
  'tasker.namespace': 'text',
  'tasker.version': 'text',
}
const ofStep: Readonly<Record<string, Kind>> = {
  'tasker.task.id': 'text',
  [stepNameKey]: 'text',
  'tasker.step.attempt': 'number',
}
const requiredAttributes: Readonly<Record<string, Readonly<Record<string, Kind>>>> = {
  [spanNames.initialize]: ofTask,
  [spanNames.execution]: ofTask,
  [spanNames.attempt]: { ...ofStep, 'tasker.step.depends_on': 'list' },
  [spanNames.handle]: ofStep,
}

/** They are there, of the right kind, and of this task. */
export function attributesFinding(traces: readonly TaskTrace[]): Finding {
  return {
    seen: 'ids, names, versions and attempts on every span',
    faults: faultsOf(traces, ({ run, spans }) => {
      const values: Readonly<Record<string, string>> = {
        'tasker.task.id': run.taskId,
        'tasker.task.name': run.name,
        'tasker.namespace': validationNamespace,
        'tasker.version': run.version,
      }
      return spans.filter(isGolden).flatMap((span) =>
        Object.entries(requiredAttributes[span.name] ?? {}).flatMap(([key, kind]) => {
          const value = span.attributes[key]
          if (kindOf(value) !== kind)
            return [`${shownSpan(span)}: ${key} is ${shownList(value)}, not a ${kind}.`]
          const expected = values[key]
          return expected === undefined || value === expected
            ? []
            : [`${shownSpan(span)}: ${key} is ${shownList(value)}, not ${expected}.`]
        }),
      )
    }),
    remedy:
      'See that no processor of the collector drops or renames attributes that begin with tasker.',
  }
}

/** Every span of Tasker says the correlation id that the task was created with. */
export function correlationFinding(traces: readonly TaskTrace[]): Finding {
  return {
    seen: 'the id of the request on every span of its task',
    faults: faultsOf(traces, ({ run, spans }) =>
      spans.filter(isGolden).flatMap((span) => {
        const id = span.attributes['tasker.correlation_id']
        return id === run.correlationId
          ? []
          : [`${shownSpan(span)} says ${shownList(id)}, not ${run.correlationId}.`]
      }),
    ),
    remedy: 'See that no processor of the collector drops tasker.correlation_id.',
  }
}

/** Attempts are linked to the call in which a worker claimed them, which is another trace. */
export function linksFinding(traces: readonly TaskTrace[]): Finding {
  return {
    seen: `every ${spanNames.attempt} is linked to its ${spanNames.dispatch}`,
    faults: faultsOf(traces, ({ spans }) =>
      named(spans, spanNames.attempt)
        .filter((span) => !span.links.some(({ traceId }) => traceId !== span.traceId))
        .map((span) => `${shownSpan(span)} is linked to nothing.`),
    ),
    remedy: 'Use a backend that keeps the links of spans.',
  }
}

/** The value that stood in every context as a secret would is in no span. */
export function secretsFinding(spans: readonly SpanRecord[], marker: string): Finding {
  return {
    seen: `nothing of the contexts in ${count(spans.length, 'span')}`,
    faults: spans
      .filter((span) => JSON.stringify(span).includes(marker))
      .map((span) => `${shownSpan(span)} of the trace ${span.traceId} tells a value of a context.`),
    remedy:
      'If it is a span of another instrumentation, such as that of pg or of HTTP, tell it to keep parameters and bodies to itself; else report it.',
  }
}

const kindOf = (value: AttributeValue | undefined): Kind | 'nothing' => {
  if (typeof value === 'string' && value !== '') return 'text'
  if (typeof value === 'number') return 'number'
  return Array.isArray(value) ? 'list' : 'nothing'
}

const spanOf = (spans: readonly SpanRecord[], name: string, step: string): SpanRecord | undefined =>
  named(spans, name).find((span) => stepOf(span) === step)

const sorted = (value: AttributeValue | undefined): readonly string[] | null =>
  typeof value === 'object' ? [...value].sort() : null

const shownList = (value: AttributeValue | undefined): string =>
  value === undefined
    ? 'nothing'
    : typeof value === 'object'
      ? `[${value.join(', ')}]`
      : String(value)

const shownSpan = (span: SpanRecord): string =>
  [span.name, stepOf(span)].filter((part) => part !== '').join(' ')

/** `tasker.step.handle 3, …` */
function namesOf(spans: readonly SpanRecord[]): string {
  const groups = Map.groupBy(spans, ({ name }) => name)
  return [...groups].map(([name, those]) => `${name} ${those.length}`).join(', ') || 'none'
}
