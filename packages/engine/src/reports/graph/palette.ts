// The colours of states, for a light and a dark page. Text on fill has a contrast of 7 to 1 or more, strokes on the page of
// 3 to 1. Colour is never the only sign: the state stands in words, and has a mark and a kind of line.
import type { StepState } from '../../states.ts'

export interface Shade {
  readonly fill: string
  readonly stroke: string
}

export interface Theme {
  readonly page: string
  readonly ink: string
  /** Second lines and legends. */
  readonly muted: string
  readonly edge: string
  readonly states: Readonly<Record<StepState | 'none', Shade>>
}

export const light: Theme = {
  page: '#ffffff',
  ink: '#1b1f24',
  muted: '#4a515b',
  edge: '#848c98',
  states: {
    none: { fill: '#f6f7f9', stroke: '#6f7885' },
    pending: { fill: '#f6f7f9', stroke: '#6f7885' },
    in_progress: { fill: '#e2eefc', stroke: '#2563b0' },
    complete: { fill: '#e3f4e8', stroke: '#2b7a46' },
    error: { fill: '#fde7e7', stroke: '#b3261e' },
    cancelled: { fill: '#ececef', stroke: '#65686f' },
    resolved_manually: { fill: '#e0f3f3', stroke: '#1d7479' },
    skipped: { fill: '#f1ecfa', stroke: '#7150b0' },
  },
}

export const dark: Theme = {
  page: '#15181d',
  ink: '#eef0f3',
  muted: '#bcc3cd',
  edge: '#7b8492',
  states: {
    none: { fill: '#20252c', stroke: '#8d97a5' },
    pending: { fill: '#20252c', stroke: '#8d97a5' },
    in_progress: { fill: '#172b4a', stroke: '#6ea8f0' },
    complete: { fill: '#173023', stroke: '#5cb87f' },
    error: { fill: '#401b1b', stroke: '#f08a84' },
    cancelled: { fill: '#2a2b30', stroke: '#9a9da6' },
    resolved_manually: { fill: '#133033', stroke: '#53b4ba' },
    skipped: { fill: '#2b2140', stroke: '#b094e6' },
  },
}

/** States in which a step has not run, and will not: drawn with a broken line. */
export const brokenLines: readonly (StepState | 'none')[] = ['pending', 'cancelled', 'skipped']
