// The actions of operators as the command line names them: one row each, read by the commands for one task, by those for
// many, and by what is printed about them. Loads nothing of the engine, so that help answers at once.
import type { OperatorAction } from '@tasker/engine'

export interface ActionCommand {
  readonly action: OperatorAction
  /** `retry-now` in `tasker task retry-now`. */
  readonly word: string
  readonly description: string
  /** What `--step` means; null: the action is about the whole task. */
  readonly steps: { readonly description: string; readonly isRequired: boolean } | null
  /** Options beside those that all of them take. */
  readonly takes: readonly ('attempts' | 'limit' | 'result')[]
  /** `Cancel` of `Cancel 3 tasks?` */
  readonly imperative: string
  /** `Cancelled` of `Cancelled: 3 tasks.` */
  readonly participle: string
}

const some = (description: string): ActionCommand['steps'] => ({ description, isRequired: false })

export const actionCommands: readonly ActionCommand[] = [
  {
    action: 'cancel',
    word: 'cancel',
    description: 'end it: running steps are called off, the rest never starts',
    steps: some('only this step, and all that depends on it; may be repeated'),
    takes: [],
    imperative: 'Cancel',
    participle: 'cancelled',
  },
  {
    action: 'retry',
    word: 'retry',
    description: 'try steps that failed for good again, now; revives a task in error',
    steps: some('this step; may be repeated; default: all that failed for good'),
    takes: ['attempts'],
    imperative: 'Retry',
    participle: 'retried',
  },
  {
    action: 'retry_now',
    word: 'retry-now',
    description: 'make the retry that is to come come now, however long it was to wait',
    steps: some('this step; may be repeated; default: all that wait for a retry'),
    takes: [],
    imperative: 'Retry now:',
    participle: 'retried now',
  },
  {
    action: 'wake',
    word: 'wake',
    description: 'make steps that wait for a time run now',
    steps: some('this step; may be repeated; default: all that wait for a time'),
    takes: [],
    imperative: 'Wake',
    participle: 'woken',
  },
  {
    action: 'resolve',
    word: 'resolve',
    description: 'take steps for done, with a result; without --step, a task in error',
    steps: some('this step; may be repeated; default: the whole task, which is in error'),
    takes: ['result'],
    imperative: 'Resolve',
    participle: 'resolved',
  },
  {
    action: 'skip',
    word: 'skip',
    description: 'count steps as satisfied, without a result; what depends on them goes on',
    steps: { description: 'this step; may be repeated', isRequired: true },
    takes: [],
    imperative: 'Skip',
    participle: 'skipped',
  },
  {
    action: 'set_retry_limit',
    word: 'retry-limit',
    description: 'set how many attempts steps have in all',
    steps: { description: 'this step; may be repeated', isRequired: true },
    takes: ['limit'],
    imperative: 'Set the retry limit of',
    participle: 'given the retry limit',
  },
  {
    action: 'hold',
    word: 'hold',
    description: 'start none of its steps until it is resumed; what runs goes on',
    steps: null,
    takes: [],
    imperative: 'Hold',
    participle: 'held',
  },
  {
    action: 'resume',
    word: 'resume',
    description: 'let a task that is held go on',
    steps: null,
    takes: [],
    imperative: 'Resume',
    participle: 'resumed',
  },
]

export function commandOf(action: OperatorAction): ActionCommand {
  const found = actionCommands.find((each) => each.action === action)
  if (found === undefined) throw new Error(`No command for ${action}.`) // a test holds both lists together
  return found
}
