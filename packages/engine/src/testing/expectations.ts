// What a test expects of a task, compared with what the database says. A fault is an AssertionError of node:assert, which
// vitest, jest and node:test show as a difference.
import { AssertionError } from 'node:assert'
import { isDeepStrictEqual } from 'node:util'
import type { StepRow } from '../database/read-steps.ts'
import type { HistoryRow } from '../database/read-tasks.ts'
import type { ResultsOf } from '../definitions/builder-types.ts'
import type { TaskView } from '../reports/task-view.ts'
import type { StepState, TaskState } from '../states.ts'

/** Names of the steps of a definition; of those generated from the context also one by one, `process_chunk[a]`. */
export type StepNameOf<Definition> = NameIn<ResultsOf<Definition>>
type NameIn<Results> = keyof Results extends infer Name
  ? Name extends keyof Results & string
    ? Name | (string extends keyof NonNullable<Results[Name]> ? `${Name}[${string}]` : never)
    : never
  : never

/** A state, or fields of the step as `tasks.get` shows them; those that are not named do not matter. */
export type StepExpectation = StepState | Partial<StepRow>

/** What is expected of some steps; the others do not matter. */
export type StepExpectations<Definition> = {
  readonly [Name in StepNameOf<Definition>]?: StepExpectation
}

/** Word for word what `tasks.get` shows as `blockedBy`. */
export type BlockedExpectations<Definition> = {
  readonly [Name in StepNameOf<Definition>]?: string
}

export type HistoryExpectations<Definition> = {
  readonly [Name in StepNameOf<Definition>]?: readonly StepState[]
}

type Fields = Readonly<Record<string, unknown>>

export function assertState(task: TaskView, expected: TaskState): void {
  const actual = task.state
  const errors = task.steps.flatMap(({ name, error }) =>
    error === null ? [] : [`\n  ${name}: ${JSON.stringify(error['message'])}`],
  )
  demand(actual === expected, {
    message: `The task is ${actual}, expected ${expected}.${errors.join('')}`,
    actual,
    expected,
  })
}

export function assertReady(task: TaskView, names: readonly string[]): void {
  const actual = task.steps.filter(({ isReady }) => isReady).map(({ name }) => name)
  const expected = task.steps.map(({ name }) => name).filter((name) => names.includes(name))
  requireNames(task, names)
  demand(isDeepStrictEqual(actual, expected), {
    message: `Ready are ${listed(actual)}, expected ${listed(expected)}.`,
    actual,
    expected,
  })
}

export function assertSteps(task: TaskView, expected: Fields): void {
  compare('Steps differ', differencesIn(task, expected))
}

/** Whether all that is expected holds. */
export const holdsFor = (task: TaskView, expected: Fields): boolean =>
  differencesIn(task, expected).lines.length === 0

export function assertHistory(
  task: TaskView,
  history: readonly HistoryRow[],
  expected: Readonly<Record<string, readonly string[] | undefined>>,
): void {
  requireNames(task, Object.keys(expected))
  const wanted = Object.entries(expected).filter(([, states]) => states !== undefined)
  const actual = wanted.map(([name]): [string, unknown] => [
    name,
    history.filter(({ step, from, to }) => step === name && from !== to).map(({ to }) => to),
  ])
  compare('The history differs', differences(new Map(actual), new Map(wanted)))
}

interface Differences {
  readonly actual: Fields
  readonly expected: Fields
  readonly lines: readonly string[]
}

function differencesIn(task: TaskView, expected: Fields): Differences {
  requireNames(task, Object.keys(expected))
  const wanted = new Map<string, unknown>()
  const found = new Map<string, unknown>()
  for (const step of task.steps) {
    const asked = expected[step.name]
    const fields = typeof asked === 'string' ? { state: asked } : asked
    for (const [field, value] of Object.entries(fields ?? {})) {
      wanted.set(`${step.name}.${field}`, value)
      found.set(`${step.name}.${field}`, (step as unknown as Fields)[field]) // its fields by name
    }
  }
  return differences(found, wanted)
}

function differences(
  found: ReadonlyMap<string, unknown>,
  wanted: ReadonlyMap<string, unknown>,
): Differences {
  const lines = [...wanted].flatMap(([path, value]) =>
    isDeepStrictEqual(found.get(path), value)
      ? []
      : [`  ${path} is ${shown(found.get(path))}, expected ${shown(value)}`],
  )
  return { actual: Object.fromEntries(found), expected: Object.fromEntries(wanted), lines }
}

function compare(title: string, { actual, expected, lines }: Differences): void {
  demand(lines.length === 0, { message: `${title}:\n${lines.join('\n')}`, actual, expected })
}

/** A misspelt name would otherwise never be compared. */
function requireNames(task: TaskView, names: readonly string[]): void {
  const known = task.steps.map(({ name }) => name)
  const unknown = names.filter((name) => !known.includes(name))
  demand(unknown.length === 0, {
    message: `The task has no ${listed(unknown)}; its steps are ${listed(known)}.`,
    actual: known,
    expected: names,
  })
}

function demand(
  holds: boolean,
  fault: { readonly message: string; readonly actual: unknown; readonly expected: unknown },
): void {
  if (!holds) throw new AssertionError({ ...fault, operator: 'expect' })
}

const listed = (names: readonly string[]): string =>
  names.length === 0 ? 'no steps' : names.map((name) => `"${name}"`).join(', ')

const shown = (value: unknown): string =>
  Array.isArray(value) ? value.map(String).join(' → ') : (JSON.stringify(value) ?? String(value))
