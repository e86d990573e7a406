// A graph as Mermaid, which GitHub, GitLab and most wikis draw. Steps have numbers for ids and their names in quoted labels,
// in which everything that means something to Mermaid or to HTML is written as a character code.
import type { StepState } from '../../states.ts'
import { plainText } from '../../wording.ts'
import { detailOf, directionOf, numberSteps, summaryOf, titleOf } from './labels.ts'
import { brokenLines, light } from './palette.ts'
import type { StepGraph, StepNode } from './step-graph.ts'

/** What Mermaid draws unless its `maxEdges` and `maxTextSize` are raised. */
export const mermaidLimits = { edges: 500, characters: 50_000 } as const

export function renderMermaid(graph: StepGraph): string {
  const idOf = numberSteps(graph)
  const lines = [
    '---',
    `title: ${quoteYaml(titleOf(graph))}`,
    '---',
    `%% ${summaryOf(graph)}`,
    `flowchart ${directionOf(graph) === 'right' ? 'LR' : 'TB'}`,
    ...graph.nodes.map((node) => `  ${idOf(node.name)}["${labelOf(node)}"]${classOf(node)}`),
    ...graph.edges.map(
      ({ from, to, isOnCriticalPath }) =>
        `  ${idOf(from)} ${isOnCriticalPath ? '==>' : '-->'} ${idOf(to)}`,
    ),
    ...statesIn(graph).map((state) => `  classDef ${state} ${styleOf(state)}`),
    ...criticalClass(graph, idOf),
  ]
  return `${lines.join('\n')}\n`
}

function labelOf(node: StepNode): string {
  const detail = detailOf(node)
  const name = escapeLabel(plainText(node.name))
  return detail === '' ? name : `${name}<br/>${escapeLabel(detail)}`
}

const classOf = ({ state }: StepNode): string => (state === null ? '' : `:::${state}`)

/**
 * Letters, digits and a few marks stand for themselves; any other ASCII becomes `#code;`. A colon must too: Mermaid looks
 * for styles by a pattern, in labels as well.
 */
function escapeLabel(text: string): string {
  return text.replaceAll(/[^\w .,()-]/g, (character) =>
    character > '\u007E' ? character : `#${character.charCodeAt(0)};`,
  )
}

/** A YAML string in double quotes; marks that could open a directive or a tag are written as escapes. */
function quoteYaml(text: string): string {
  const code = (character: string): string =>
    `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  return JSON.stringify(text).replaceAll(/[%<>&{}#]/g, code)
}

function statesIn({ nodes }: StepGraph): readonly StepState[] {
  return [...new Set(nodes.flatMap(({ state }) => state ?? []))].toSorted()
}

function styleOf(state: StepState): string {
  const { fill, stroke } = light.states[state]
  const line = brokenLines.includes(state) ? ',stroke-dasharray:5 4' : ''
  return `fill:${fill},stroke:${stroke},color:${light.ink}${line}`
}

function criticalClass(graph: StepGraph, idOf: (name: string) => string): readonly string[] {
  const { criticalPath } = graph
  if (criticalPath === null) return []
  return [
    '  classDef critical stroke-width:4px',
    `  class ${criticalPath.steps.map(idOf).join(',')} critical`,
  ]
}
