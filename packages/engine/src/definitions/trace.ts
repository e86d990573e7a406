// A recorded run of a workflow becomes a definition that replays it: one step for each task of the trace, every dependency
// kept, each step taking the recorded time on a scale of one's own. docs/guides/graphs-and-traces.md states the conversion.
import { systemClock, type Clock } from '../clock.ts'
import type { Json } from '../json.ts'
import { listFaults, TaskerError } from '../errors.ts'
import { readDraft, versionDefault } from './build-definition.ts'
import type { RunStep, TaskDefinition } from './model.ts'
import { nameLengthMax } from './names.ts'
import { timeoutMsMax } from './step-settings.ts'
import { readTraceText, type Trace } from './trace-text.ts'

export const traceNamespace = 'traces'

export interface TraceOptions {
  /** Seconds that a recorded second takes. 0: every step ends at once. Default 0. */
  readonly timeScale?: number
  /** Most steps. Default 10,000. */
  readonly stepsMax?: number
  /** For tests. Default: the system's. */
  readonly clock?: Clock
}

/**
 * Reads a trace, JSON of the form `{tasks: [{id, depends_on, runtime_seconds}], makespan_seconds}`, and makes a definition
 * of it: `traces/<name of the file>`. `file` is also the name in messages. Each step returns `{runtime_seconds}`.
 * @throws {TaskerError} DEFINITION_INVALID with every fault in `details.faults`
 */
export function readTrace(text: string, file: string, options: TraceOptions = {}): TaskDefinition {
  const { timeScale = 0, clock = systemClock, stepsMax } = options
  const reading = readTraceText(text)
  if (!reading.ok) throw traceInvalid(file, reading.faults)
  const { trace } = reading
  const nameOf = nameSteps(trace.tasks.map(({ id }) => id))
  const run = replay(timeScale, clock)
  const built = readDraft(
    {
      namespace: traceNamespace,
      namespaceDescription: 'Recorded runs of workflows, to be replayed',
      name: taskNameOf(file),
      version: trace.version ?? versionDefault,
      description: trace.source === null ? '' : `Recorded as ${storable(trace.source)}`,
      metadata: metadataOf(trace),
      steps: trace.tasks.map(({ id, dependsOn, runtimeSeconds }) => ({
        name: nameOf(id),
        description: storable(id),
        dependsOn: dependsOn.map(nameOf),
        // The scale is not known here; the limit must stand above whatever it makes of the time.
        timeoutMs: timeoutMsMax,
        inputs: { runtime_seconds: runtimeSeconds },
      })),
      contextSchema: null,
      handlers: new Map(trace.tasks.map(({ id }) => [nameOf(id), run])),
      generators: new Map(),
      adjust: null,
      annotate: null,
      faults: [],
    },
    stepsMax === undefined ? {} : { stepsMax },
  )
  if (!built.ok) throw traceInvalid(file, built.faults)
  return built.definition
}

function metadataOf({ makespanSeconds }: Trace): { readonly makespan_seconds?: number } {
  return makespanSeconds === null ? {} : { makespan_seconds: makespanSeconds }
}

function traceInvalid(
  file: string,
  faults: readonly { readonly path: string; readonly message: string }[],
): TaskerError {
  const listed = faults.map(({ path, message }) => ({ path, message }))
  return new TaskerError('DEFINITION_INVALID', `The trace ${file} has ${listFaults(listed)}`, {
    faults: listed,
  })
}

/** The name of the file, without its folder and `.json`; whatever an address could not hold becomes `_`. */
function taskNameOf(file: string): string {
  const base = file.replace(/^.*[/\\]/, '').replace(/\.json$/i, '')
  const name = base.replaceAll(/[^\p{L}\p{N}._-]+/gu, '_')
  return cut(name, nameLengthMax.task) || 'trace'
}

/**
 * Ids become names of steps: what no name may hold becomes `_`, what is too long is cut, and where two become the same,
 * the later ones end in `~2`, `~3`, …
 */
function nameSteps(ids: readonly string[]): (id: string) => string {
  const names = new Map<string, string>()
  const taken = new Set<string>()
  // Ids that are good names keep them, whatever stands before them.
  const [good, bad] = [
    ids.filter((id) => validName(id) === id),
    ids.filter((id) => validName(id) !== id),
  ]
  for (const id of [...good, ...bad]) {
    const name = validName(id)
    let unique = name
    for (let number = 2; taken.has(unique); number += 1) {
      const suffix = `~${number}`
      unique = cut(name, nameLengthMax.step - suffix.length) + suffix
    }
    taken.add(unique)
    names.set(id, unique)
  }
  return (id) => names.get(id) ?? id // every id that a trace depends on is one of its own
}

function validName(id: string): string {
  const name = cut(storable(id), nameLengthMax.step)
  return name.trim() === '' ? 'step' : name
}

/** Without control characters and broken Unicode, which no name may hold and no database stores. */
const storable = (text: string): string => text.replaceAll(/\p{Cc}|\p{Cs}/gu, '_')

/** By code points, as names are counted. */
const cut = (text: string, lengthMax: number): string =>
  Array.from(text).slice(0, lengthMax).join('')

function replay(timeScale: number, clock: Clock): RunStep {
  return async ({ inputs, signal }) => {
    const seconds = secondsIn(inputs)
    if (timeScale > 0) await pass(seconds * timeScale * 1_000, clock, signal)
    return { runtime_seconds: seconds }
  }
}

function secondsIn(inputs: Json): number {
  const seconds: unknown =
    typeof inputs === 'object' && inputs !== null ? Reflect.get(inputs, 'runtime_seconds') : null
  return typeof seconds === 'number' ? seconds : 0 // always a number: `readTrace` wrote it
}

/** Resolves after so much time; rejects when the attempt is called off. */
async function pass(delayMs: number, clock: Clock, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const cancel = clock.schedule(delayMs, resolve)
  const stop = (): void => reject(signal.reason)
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop, { once: true })
  try {
    await promise
  } finally {
    cancel()
    signal.removeEventListener('abort', stop)
  }
}
