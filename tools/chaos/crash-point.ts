// The names of crash points: every statement that a worker process sends is one, and so are the three places in a handler.
import type { diamondSteps } from './diamonds.ts'
import type { Statement } from './statements.ts'

/**
 * Where the one slot of a process stands: before its first claim, at a step, or at the task's hook or deadline. Statements
 * that prepare a connection have no step: they are sent whenever one is opened or lent.
 */
export type Place = 'start' | (typeof diamondSteps)[number] | 'hook' | 'deadline' | 'any'

const ofConnections = ['set', 'listen', 'close']

export interface Point {
  readonly call: string
  readonly place: Place
}

/** What handlers write beside the engine's statements stands for the handler itself. Its second value is the step. */
const inHandler: readonly (readonly [text: string, call: string])[] = [
  ['insert into chaos.ledger', 'handler began'],
  ['insert into chaos.bookings', 'handler wrote'],
  ['update chaos.ledger', 'handler ended'],
]

/** `place`: where the slot of the process stood when the statement was sent. */
export function pointOf({ name, text, values }: Statement, place: Place): Point {
  const call = inHandler.find(([written]) => text.includes(written))?.[1]
  if (ofConnections.includes(name)) return { call: name, place: 'any' }
  // Handlers here are those of a diamond.
  return call === undefined ? { call: name, place } : { call, place: values[1] as Place }
}
