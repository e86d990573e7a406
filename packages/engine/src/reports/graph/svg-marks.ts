// The mark of each state in a picture, drawn so that it needs no font: 16 by 16, in the colour of the state's line.
import type { StepState } from '../../states.ts'

const circle = '<circle cx="8" cy="8" r="6.5"/>'
const tick = '<path d="M4.8 8.3 7.2 10.6 11.3 5.6"/>'

const marks: Readonly<Record<StepState, string>> = {
  pending: circle,
  in_progress: `${circle}<path class="solid" d="M6.3 5 11.2 8 6.3 11z"/>`,
  complete: `${circle}${tick}`,
  error: `${circle}<path d="M5.5 5.5 10.5 10.5M10.5 5.5 5.5 10.5"/>`,
  cancelled: `${circle}<path d="M3.6 12.4 12.4 3.6"/>`,
  resolved_manually: `<rect x="1.8" y="1.8" width="12.4" height="12.4" rx="2"/>${tick}`,
  skipped: '<path d="M3 4 7 8 3 12M8.5 4 12.5 8 8.5 12"/>',
}

/** At the left of a box, its middle `centre` below the upper edge. */
export function markOf(state: StepState, centre: number): string {
  return `<g class="mark" transform="translate(11 ${centre - 8})">${marks[state]}</g>`
}
