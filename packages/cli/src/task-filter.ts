// Which tasks are meant: the options that choose tasks, as the engine's filter, and back into words for a command to copy.
import { systemClock, type FindFilter } from '@tasker/engine'
import { readStates } from './task-states.ts'

export interface FilterOptions {
  readonly state?: string
  readonly namespace?: string
  readonly name?: string
  readonly definitionVersion?: string
  readonly tag?: readonly string[]
  readonly initiator?: string
  readonly held?: boolean
  readonly rerunOf?: string
  readonly createdFrom?: Date
  readonly createdBefore?: Date
  /** Milliseconds. */
  readonly newerThan?: number
  /** Milliseconds. */
  readonly olderThan?: number
}

type Filter = Omit<FindFilter, 'limit' | 'after'>

/** @throws {UsageError} for what is no state. */
export function readFilter(options: FilterOptions): Filter {
  const { state, namespace, name, definitionVersion, tag, initiator, held, rerunOf } = options
  const nowMs = systemClock.nowMs() // once: both ages count from the same instant
  const from = options.createdFrom ?? before(nowMs, options.newerThan)
  const until = options.createdBefore ?? before(nowMs, options.olderThan)
  return {
    ...(state === undefined ? {} : { states: readStates(state) }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(definitionVersion === undefined ? {} : { version: definitionVersion }),
    ...(tag === undefined ? {} : { tags: tag }),
    ...(initiator === undefined ? {} : { initiator }),
    ...(held === undefined ? {} : { held }),
    ...(rerunOf === undefined ? {} : { rerunOf }),
    ...(from === undefined ? {} : { createdFrom: from }),
    ...(until === undefined ? {} : { createdBefore: until }),
  }
}

/** Ages become instants, so that the next page is one of the same list. */
export function filterWords(filter: Filter): readonly string[] {
  const { states, namespace, name, version, tags = [], initiator, held, rerunOf } = filter
  return [
    ...(states === undefined ? [] : ['--state', states.join(',')]),
    ...(namespace === undefined ? [] : ['--namespace', namespace]),
    ...(name === undefined ? [] : ['--name', name]),
    ...(version === undefined ? [] : ['--definition-version', version]),
    ...tags.flatMap((tag) => ['--tag', tag]),
    ...(initiator === undefined ? [] : ['--initiator', initiator]),
    ...(held === true ? ['--held'] : []),
    ...(rerunOf === undefined ? [] : ['--rerun-of', rerunOf]),
    ...timeWords('--created-from', filter.createdFrom),
    ...timeWords('--created-before', filter.createdBefore),
  ]
}

const timeWords = (option: string, time: Date | undefined): readonly string[] =>
  time === undefined ? [] : [option, time.toISOString()]

const before = (nowMs: number, durationMs: number | undefined): Date | undefined =>
  durationMs === undefined ? undefined : new Date(nowMs - durationMs)
