// The style sheet inside a picture: light, and dark where the reader's system is. Every rule is bound to the picture, so
// that one that is put into a page leaves the page alone.
import { brokenLines, dark, light, type Theme } from './palette.ts'
import type { StepGraph } from './step-graph.ts'

/** The class of the outermost element. */
export const rootClass = 'tasker-graph'

type Rule = readonly [selector: string, declarations: string]

/** Rules for the states in the graph only. */
export function styleSheet(graph: StepGraph): string {
  const states = [...new Set(graph.nodes.map(({ state }) => state ?? 'none'))].toSorted()
  return [
    ...shapes.map(writeRule),
    ...states
      .filter((state) => brokenLines.includes(state))
      .map((state) => writeRule([`.${state}>rect`, 'stroke-dasharray:5 3'])),
    ...coloursOf(light, states).map(writeRule),
    '@media (prefers-color-scheme:dark){',
    ...coloursOf(dark, states).map(writeRule),
    '}',
  ].join('\n')
}

const writeRule = ([selector, declarations]: Rule): string =>
  `.${rootClass} ${selector}{${declarations}}`

const heading = 'system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif'
const label = 'ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace'

const shapes: readonly Rule[] = [
  ['.heading', `font:600 16px ${heading}`],
  ['.summary', `font:13px ${heading}`],
  ['.name', `font:600 12px ${label}`],
  ['.detail', `font:10.5px ${label}`],
  ['.step>rect', 'stroke-width:1.25'],
  ['.critical>rect', 'stroke-width:3'],
  ['.mark *', 'fill:none;stroke-width:1.6;stroke-linecap:round;stroke-linejoin:round'],
  ['.edge', 'fill:none;stroke-width:1.25'],
  ['.edge.critical', 'stroke-width:3'],
]

function coloursOf(theme: Theme, states: readonly (keyof Theme['states'])[]): readonly Rule[] {
  return [
    ['.page', `fill:${theme.page}`],
    ['.heading', `fill:${theme.ink}`],
    ['.summary', `fill:${theme.muted}`],
    ['.name', `fill:${theme.ink}`],
    ['.detail', `fill:${theme.muted}`],
    ['.edge', `stroke:${theme.edge}`],
    ['.edge.critical', `stroke:${theme.ink}`],
    ['.arrow', `fill:${theme.edge}`],
    ['.arrow.critical', `fill:${theme.ink}`],
    ...states.flatMap((state): Rule[] => {
      const { fill, stroke } = theme.states[state]
      return [
        [`.${state}>rect`, `fill:${fill};stroke:${stroke}`],
        [`.${state} .mark *`, `stroke:${stroke}`],
        [`.${state} .mark .solid`, `fill:${stroke}`],
      ]
    }),
    ['.critical>rect', `stroke:${theme.ink}`],
  ]
}
