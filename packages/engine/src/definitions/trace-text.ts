// The text of a trace, read and checked: its form, ids, dependencies, times, cycles. Every fault is reported, in the words
// of the file. What becomes of it is trace.ts.
import type { Fault } from '../errors.ts'
import { cyclesOf } from './graph.ts'
import { showCycle } from './graph-faults.ts'
import { isPlainObject } from './json-value.ts'
import { didYouMean, quote, show, versionFault } from './names.ts'

export interface TraceTask {
  /** Its place in the list. */
  readonly index: number
  readonly id: string
  /** Ids of tasks of the same trace, each once. */
  readonly dependsOn: readonly string[]
  /** 0 or more. */
  readonly runtimeSeconds: number
}

export interface Trace {
  readonly tasks: readonly TraceTask[]
  readonly makespanSeconds: number | null
  readonly source: string | null
  readonly version: string | null
}

export type TraceReading =
  | { readonly ok: true; readonly trace: Trace }
  | { readonly ok: false; readonly faults: readonly Fault[] }

/** Keys that are not known are passed over: traces carry more than is needed here. */
export function readTraceText(text: string): TraceReading {
  const faults: Fault[] = []
  const report = (path: string, message: string): void => void faults.push({ path, message })
  const document = parse(text, report)
  if (document === null) return { ok: false, faults }
  const tasks = readTasks(document['tasks'], report)
  checkReferences(tasks, report)
  const trace: Trace = {
    tasks,
    makespanSeconds: readSeconds(document['makespan_seconds'] ?? null, 'makespan_seconds', report),
    source: typeof document['source'] === 'string' ? document['source'] : null,
    version: readVersion(document['version'], report),
  }
  return faults.length === 0 ? { ok: true, trace } : { ok: false, faults }
}

type Report = (path: string, message: string) => void

function parse(text: string, report: Report): Readonly<Record<string, unknown>> | null {
  try {
    const document: unknown = JSON.parse(text.replace(/^\uFEFF/, ''))
    if (isPlainObject(document)) return document
    report('file', `expected an object with "tasks", received ${show(document)}`)
  } catch (error) {
    report('file', `is not JSON${placeIn(error, text)}`)
  }
  return null
}

/** The parser's own message quotes the text around the fault. */
function placeIn(error: unknown, text: string): string {
  const position = error instanceof Error ? /position (\d+)/.exec(error.message)?.[1] : undefined
  if (position === undefined) return ''
  const before = text.slice(0, Number(position)).split('\n')
  return ` (line ${before.length}, column ${(before.at(-1) ?? '').length + 1})`
}

function readTasks(value: unknown, report: Report): readonly TraceTask[] {
  if (!Array.isArray(value)) {
    report(
      'tasks',
      `expected a list of { id, depends_on, runtime_seconds }, received ${show(value)}`,
    )
    return []
  }
  if (value.length === 0) report('tasks', 'expected at least one task, received none')
  // Array.isArray gives any[]; every member is checked.
  return (value as readonly unknown[]).flatMap((task, index) => {
    const path = `tasks[${index}]`
    if (!isPlainObject(task)) {
      report(path, `expected { id, depends_on, runtime_seconds }, received ${show(task)}`)
      return []
    }
    const id = task['id']
    if (typeof id !== 'string') report(`${path}.id`, `expected a string, received ${show(id)}`)
    const dependsOn = readIds(task['depends_on'], `${path}.depends_on`, report)
    const seconds = readSeconds(task['runtime_seconds'], `${path}.runtime_seconds`, report)
    return typeof id === 'string' ? [{ index, id, dependsOn, runtimeSeconds: seconds ?? 0 }] : []
  })
}

function readIds(value: unknown, path: string, report: Report): readonly string[] {
  if (!Array.isArray(value)) {
    report(path, `expected a list of ids, received ${show(value)}`)
    return []
  }
  const ids = new Set<string>()
  // Array.isArray gives any[]; every member is checked.
  for (const id of value as readonly unknown[]) {
    if (typeof id === 'string') ids.add(id)
    else report(path, `expected ids, received ${show(id)}`)
  }
  return [...ids]
}

/** Null where there are none; the caller says whether that may be. */
function readSeconds(value: unknown, path: string, report: Report): number | null {
  if (value === null && path === 'makespan_seconds') return null
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value
  report(path, `expected seconds, 0 or more, received ${show(value)}`)
  return null
}

function readVersion(value: unknown, report: Report): string | null {
  if (value === undefined || value === null) return null
  const fault = versionFault(value)
  if (fault !== null) report('version', fault)
  return typeof value === 'string' ? value : null
}

/** Suggestions compare against every id; a file with everything misspelt must not take minutes. */
const suggestionsMax = 20

function checkReferences(tasks: readonly TraceTask[], report: Report): void {
  const first = new Map<string, number>()
  for (const { index, id } of tasks) {
    const before = first.get(id)
    if (before === undefined) first.set(id, index)
    else report(`tasks[${index}].id`, `${quote(id)} is already the id of tasks[${before}]`)
  }
  let unknown = 0
  for (const { index, id, dependsOn } of tasks) {
    for (const parent of dependsOn) {
      if (parent === id) report(`tasks[${index}].depends_on`, `${quote(id)} depends on itself`)
      else if (!first.has(parent)) {
        const hint = unknown < suggestionsMax ? didYouMean(parent, first.keys()) : ''
        report(`tasks[${index}].depends_on`, `${quote(parent)} is not the id of a task${hint}`)
        unknown += 1
      }
    }
  }
  for (const cycle of cyclesOf(tasks.map(({ id, dependsOn }) => ({ name: id, dependsOn })))) {
    if (cycle.length > 2) report('tasks', `the dependencies form a cycle: ${showCycle(cycle)}`)
  }
}
