// What `tasker dev` and the processes that run its steps tell each other.
import type { Failure } from '../failure.ts'
import type { Stamps } from './file-stamps.ts'

export type ToRunner =
  /** Begin to claim. */
  | { readonly kind: 'start' }
  /** Claim nothing more, let what runs end, and end. */
  | { readonly kind: 'drain' }
  /** The same, asked for by a person. */
  | { readonly kind: 'stop' }
  /** Say this where it does not break the table that is on the screen. */
  | { readonly kind: 'say'; readonly text: string }

export type FromRunner =
  /** The code is loaded, the definitions are stored; nothing is claimed yet. */
  | { readonly kind: 'prepared'; readonly files: Stamps; readonly definitionCount: number }
  | { readonly kind: 'failed'; readonly files: Stamps; readonly failure: Failure }
  /** From now on its end is no refusal of how it was started. */
  | { readonly kind: 'serving' }
  /** It claims nothing more. */
  | { readonly kind: 'draining' }
