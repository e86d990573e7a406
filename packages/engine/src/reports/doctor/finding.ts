// What one check of `tasker doctor` found, and the words that all checks share.
import { errorCatalogue } from '../../error-catalogue.ts'
import { TaskerError } from '../../errors.ts'

/** `skipped`: it could not be looked at; `seen` says why. */
export type Verdict = 'ok' | 'warning' | 'problem' | 'skipped'

export interface Finding {
  /** Stable name of the check: `database`, `settings`, `schema`, … */
  readonly check: string
  readonly verdict: Verdict
  /** What was seen, one sentence. No secrets, no contexts, no results. */
  readonly seen: string
  /** What to do; null when there is nothing to do. */
  readonly remedy: string | null
  /** Which invariant it is about, where it is about one: its stable name. */
  readonly invariant?: string
  /** Rows that break it: ids and numbers, no contents. Some, when there are many. */
  readonly examples?: readonly string[]
}

/** Findings of one check. */
export interface CheckFindings {
  readonly ok: (seen: string) => Finding
  readonly warning: (seen: string, remedy: string) => Finding
  readonly problem: (seen: string, remedy: string | null) => Finding
  readonly skipped: (why: string) => Finding
}

export function findingsOf(check: string): CheckFindings {
  return {
    ok: (seen) => ({ check, verdict: 'ok', seen, remedy: null }),
    warning: (seen, remedy) => ({ check, verdict: 'warning', seen, remedy }),
    problem: (seen, remedy) => ({ check, verdict: 'problem', seen, remedy }),
    skipped: (why) => ({ check, verdict: 'skipped', seen: `Not looked at: ${why}.`, remedy: null }),
  }
}

/** An error as a problem: what happened and, apart from it, what to do. */
export function problemOf(check: string, error: unknown): Finding {
  const { problem } = findingsOf(check)
  if (!(error instanceof TaskerError))
    return problem(error instanceof Error ? error.message : String(error), null)
  const { remedy } = errorCatalogue[error.code]
  return problem(error.message.slice(0, error.message.length - remedy.length).trimEnd(), remedy)
}

/** `one, two and 3 more` */
export function someOf(items: readonly string[], shownMax = 5): string {
  const rest = items.length - shownMax
  return rest > 0 ? `${items.slice(0, shownMax).join(', ')} and ${rest} more` : items.join(', ')
}
