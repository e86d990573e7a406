// What is wrong with a request, as faults: every one at once, under the names that the request uses.
import { TaskerError, type Fault } from '@tasker/engine'
import type { z } from 'zod'

interface Reading {
  readonly success: boolean
  readonly error?: z.ZodError | undefined
}

type Issue = z.core.$ZodIssue

/** Every fault of a schema's answer; its keys are those of the request. */
export function faultsOf(reading: Reading | null, prefix: string): readonly Fault[] {
  if (reading === null || reading.success) return []
  return (reading.error?.issues ?? []).flatMap((issue) => faultsOfIssue(issue, prefix))
}

function faultsOfIssue(issue: Issue, prefix: string): readonly Fault[] {
  const path = `${prefix}${issue.path.join('.')}`
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const within = issue.path.length === 0 ? prefix : `${path}.`
    return formMeant(issue.errors).flatMap((inner) => faultsOfIssue(inner, within))
  }
  if (issue.code !== 'unrecognized_keys')
    return [{ path: path === '' ? '(all of it)' : path, message: issue.message }]
  const within = issue.path.length === 0 ? prefix : `${path}.`
  return issue.keys.map((key) => ({ path: `${within}${key}`, message: 'is not known here' }))
}

/** Of several forms that a value may have, the one that knows most of its keys: what was meant, with faults of its own. */
function formMeant(forms: readonly (readonly Issue[])[]): readonly Issue[] {
  const unknownIn = (issues: readonly Issue[]): number =>
    issues.reduce(
      (sum, issue) =>
        sum +
        (issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys.length : 0),
      0,
    )
  return forms.toSorted((a, b) => unknownIn(a) - unknownIn(b))[0] ?? []
}

/** What is told of them: an answer should not be larger than its request. */
const toldMax = 100

export const refused = (faults: readonly Fault[]): TaskerError => {
  const many = faults.length === 1 ? 'a fault' : `${faults.length} faults`
  const told = faults.slice(0, toldMax)
  return new TaskerError('REQUEST_INVALID', `The request has ${many}.`, { faults: told })
}
