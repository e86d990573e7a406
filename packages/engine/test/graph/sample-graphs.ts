// Graphs to draw: shapes with states and durations, names that mean something to some format, and big ones.
import type { TaskId } from '../../src/ids.ts'
import { buildStepGraph, type StepGraph } from '../../src/reports/graph/step-graph.ts'
import { stepStates, type TaskState } from '../../src/states.ts'
import { shapes, type Shape } from '../../src/testing/index.ts'

const taskId = '01980f2b-7a3c-7e10-8f64-5b1f0c9e2d77' as TaskId // any

/** As a definition: no states, no durations. */
export function drawnDefinition({ namespace, name, version, steps }: Shape): StepGraph {
  return buildStepGraph({
    namespace,
    name,
    version,
    taskId: null,
    state: null,
    durations: 'none',
    steps: steps.map((step) => ({ ...step, state: null, attempts: null, retryLimit: 3 })),
    durationsMs: new Map(),
  })
}

/** As a task: every state is there, and durations of all but the last steps. */
export function drawnTask(
  { namespace, name, version, steps }: Shape,
  state: TaskState = 'in_progress',
): StepGraph {
  const durations = [84, 1_204.5, 0.25, 61_000, 3, 7_800_000]
  return buildStepGraph({
    namespace,
    name,
    version,
    taskId,
    state,
    durations: 'measured',
    steps: steps.map((step, index) => ({
      ...step,
      state: stepStates[index % stepStates.length] ?? 'pending',
      attempts: index % 3,
      retryLimit: 3,
    })),
    durationsMs: new Map(
      steps
        .slice(0, -1)
        .map((step, index) => [step.name, durations[index % durations.length] ?? 0]),
    ),
  })
}

export const mixed = drawnTask(shapes.E)

/** Step names are checked for little; each of these means something to Mermaid, Graphviz, XML, YAML or JavaScript. */
export const hostileNames = [
  'end',
  'say "no"',
  "it's",
  '<script>alert(1)</script>',
  '</title><b>',
  'a & b &lt; &#60;',
  'style x:#1;',
  'classDef a:#b;',
  '`**bold**`',
  'ends in \\',
  '\\N \\G \\"',
  '%%{init: {"theme": "dark"}}%%',
  '#quot;',
  '{{a}} [b] (c) |d|',
  '--> ==> -.->',
  ':::critical',
  '@{ shape: rect }',
  'click s1 "javascript:alert(1)"',
  ']]>',
  '-- comment',
  '__proto__',
  'constructor',
  '漢字のステップ',
  '👩‍👩‍👧 family',
  '\u202Eesrever',
  'x'.repeat(128),
]

/** The namespace, the name and the version too, which no check holds to what they are here. */
export const hostile = drawnTask({
  namespace: 'a"b\n<c>',
  name: '---\ntitle: "x"',
  version: '1.0.0',
  steps: hostileNames.map((name, index) => ({
    name,
    dependsOn: hostileNames.slice(index - 1, index),
  })),
})

/** So many steps, each of which waits for up to four of those shortly before it. */
export function wideGraph(steps: number): StepGraph {
  return drawnTask({
    namespace: 'large',
    name: 'large',
    version: '1.0.0',
    steps: Array.from({ length: steps }, (_, index) => ({
      name: `step_${index}`,
      dependsOn: [40, 57, 63, 71]
        .filter((back) => back <= index)
        .map((back) => `step_${index - back}`),
    })),
  })
}
