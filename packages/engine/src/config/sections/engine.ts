// Options of the section `engine`: identity of tasks, and where definitions are found.
import type { Json, JsonObject } from '../../json.ts'
import { fromCode, listOf, nullOr, oneOf, text, wholeNumber } from '../kinds.ts'
import { option } from '../option.ts'

/** What a custom identity strategy sees of a request, defaults filled in. */
export interface IdentityRequest {
  readonly namespace: string
  readonly name: string
  readonly version: string
  readonly context: JsonObject
  readonly initiator: string
  readonly sourceSystem: string
  readonly reason: string
  readonly tags: readonly string[]
  readonly bypassSteps: readonly string[]
  /** Further fields of the request, as JSON. */
  readonly [field: string]: Json
}

/** Computes the idempotency key of a request that brought none. */
export type IdentityFunction = (request: IdentityRequest) => string

const isIdentityFunction = (value: unknown): value is IdentityFunction =>
  typeof value === 'function'

/** Need not be there, unlike a folder that somebody names. */
export const defaultEventsDirectory = 'config/tasker/events'

export const engineOptions = {
  identityStrategy: option(oneOf(['default', 'hash', 'custom']), {
    default: 'default',
    help:
      'How the idempotency key of a request without one is made. `default`: there is none, ' +
      'every request is a new ' +
      'task. `hash`: from the request itself. `custom`: by `engine.identity`.',
    reason: 'As in the first generation.',
  }),
  identity: option(nullOr(fromCode(isIdentityFunction, 'a function from the request to its key')), {
    default: null,
    help:
      'The function of the `custom` strategy: takes the request, returns its key. Given in ' +
      'code.',
    reason: 'Replaces the class name of the first generation.',
  }),
  idempotencyKeyTtlHours: option(wholeNumber({ min: 1, max: 87_600 }), {
    default: 720,
    unit: 'hours',
    help: 'How long a repeat of a request finds the task that the first one made.',
    reason:
      '30 days: longer than any client retries, short enough that the table of keys stays small.',
  }),
  historyJournalHours: option(wholeNumber({ min: 1, max: 8_760 }), {
    default: 72,
    unit: 'hours',
    help:
      'How long the journal of the history is kept: for so long may somebody who follows events ' +
      'be away and go on where it was. The history itself stays as long as its tasks.',
    reason: 'Who stops on Friday evening goes on on Monday morning.',
  }),
  taskConfigDirectory: option(text(), {
    default: 'config/tasker/tasks',
    help: 'Folder, from the working directory, whose YAML files are task definitions.',
    reason: 'The first generation’s place, written whole (it stood under an implied `config`).',
  }),
  taskHandlerDirectory: option(text(), {
    default: 'src/tasks',
    help: 'Folder, from the working directory, for generated task handlers.',
    reason:
      'The first generation’s `tasks` stood under an implied `app`; Node projects keep code in ' +
      '`src`.',
    takesEffectWith: 'the generators',
  }),
  environment: option(text(), {
    default: 'development',
    help:
      'Picks the block under `environments` in YAML definitions. Where it is not set, ' +
      'NODE_ENV counts.',
    reason: 'NODE_ENV is what Node projects set; a development machine sets nothing.',
  }),
  defaultModuleNamespace: option(nullOr(text()), {
    default: null,
    help: 'Module name that generated task handlers get when none is asked for.',
    reason: 'As in the first generation.',
    takesEffectWith: 'the generators',
  }),
  customEventsDirectories: option(listOf(text(), { min: 0, max: 100 }), {
    default: [defaultEventsDirectory],
    help:
      'Folders or YAML files, from the working directory, that describe custom events. The ' +
      'default need not be there.',
    reason: 'As in the first generation, which never read them.',
  }),
}
