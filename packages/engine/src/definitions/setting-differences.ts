// What a changed setting means for those who rely on the version before: who requests tasks, who reads results by step,
// who listens. One rule a setting. Pure.
import type { Json } from '../json.ts'
import { canonicalJson } from './digest.ts'
import type { DefinitionContent, StepContent } from './definition-content.ts'
import type { Difference } from './difference.ts'
import { schemaDifferences } from './schema-differences.ts'

type Verdict = Pick<Difference, 'isCompatible' | 'why'>
type Rule<Value> = (from: Value, to: Value) => Verdict
/** Every key has a rule or is judged elsewhere: a new setting does not compile until it has one. */
type Rules<Content> = { readonly [Key in keyof Content]-?: Rule<Content[Key]> | null }

const fine = (why: string): Verdict => ({ isCompatible: true, why })
const breaks = (why: string): Verdict => ({ isCompatible: false, why })

const taskRules: Rules<DefinitionContent> = {
  namespace: null, // the address
  name: null,
  version: null,
  steps: null, // below, and the graph
  contextSchema: null, // see schemaRules
  description: () => fine('It is for people.'),
  priority: () => fine('Its tasks take another place in the queue; a request may still say which.'),
  metadata: () => fine('It is shown and not interpreted.'),
  maxExecutionMs: (from, to) =>
    to === null || (from !== null && to > from)
      ? fine('Tasks have more time.')
      : breaks('Tasks that took longer end in error now.'),
  annotates: (_from, to) =>
    to
      ? fine('Tasks are annotated when they are complete.')
      : breaks('Tasks are no longer annotated: searches by annotation do not find them.'),
}

const stepRules: Rules<StepContent> = {
  name: null, // what steps are matched by
  dependsOn: null, // the edges of the graph
  description: () => fine('It is for people.'),
  dependentSystem: () => fine('It is a label.'),
  priority: () => fine('It takes another place in the queue.'),
  handler: () => breaks('Another handler makes its result.'),
  retryable: (_from, to) =>
    to
      ? fine('A failure is tried again where it was final.')
      : breaks('A failure is final where it was tried again.'),
  retryLimit: (from, to) =>
    to > from ? fine('It has more attempts.') : breaks('It fails for good after fewer attempts.'),
  skippable: (_from, to) =>
    to ? fine('A request may bypass it.') : breaks('Requests that bypass it are refused now.'),
  timeoutMs: (from, to) => {
    if (from === null || to === null)
      return breaks('One of the two limits is the worker’s own and not known here; it may be less.')
    return to > from
      ? fine('An attempt has more time.')
      : breaks('Attempts that took longer are aborted now.')
  },
  transaction: (_from, to) =>
    to
      ? fine('Its writes commit together with its outcome.')
      : breaks('Its writes no longer commit together with its outcome.'),
  handlerConfig: () => fine('It is the handler’s own matter.'),
  customEvents: (from, to) =>
    from.every((name) => to.includes(name))
      ? fine('It may publish more events.')
      : breaks('Subscribers wait in vain for the events that are gone.'),
  inputs: () => breaks('Its handler is given another input.'),
}

export function taskDifferences(
  from: DefinitionContent,
  to: DefinitionContent,
): readonly Difference[] {
  return [...contextDifferences(from, to), ...changed(taskRules, from, to, null)]
}

export function stepDifferences(from: StepContent, to: StepContent): readonly Difference[] {
  return changed(stepRules, from, to, to.name)
}

/** Values that may hold what not everybody should read. */
const hidden = ['handlerConfig', 'inputs']

function changed<Content extends object>(
  rules: Rules<Content>,
  from: Content,
  to: Content,
  step: string | null,
): readonly Difference[] {
  const keys = Object.keys(rules) as (keyof Content & string)[] // the keys of the mapped type
  return keys.flatMap((key) => {
    const rule = rules[key]
    const [before, after] = [from[key], to[key]]
    // Undefined: one side does not know it.
    if (rule === null || before === undefined || after === undefined) return []
    const [shownBefore, shownAfter] = [before as Json, after as Json] // every setting is JSON
    if (canonicalJson(shownBefore) === canonicalJson(shownAfter)) return []
    const shown = hidden.includes(key) ? null : { from: shownBefore, to: shownAfter }
    return [
      {
        kind: 'setting_changed' as const,
        step,
        what: key,
        from: shown?.from ?? null,
        to: shown?.to ?? null,
        ...rule(before, after),
      },
    ]
  })
}

function contextDifferences(
  { contextSchema: from }: DefinitionContent,
  { contextSchema: to }: DefinitionContent,
): readonly Difference[] {
  const whole = (verdict: Verdict): readonly Difference[] => [
    {
      kind: 'setting_changed',
      step: null,
      what: 'contextSchema',
      from: null,
      to: null,
      ...verdict,
    },
  ]
  if (from === null && to === null) return []
  if (to === null) return whole(fine('Any object is accepted as a context.'))
  if (from === null) return whole(breaks('Contexts are checked where any object was accepted.'))
  if (from === 'unknown' || to === 'unknown')
    return whole(breaks('A schema that is code cannot be compared.'))
  return schemaDifferences('contextSchema', from, to)
}
