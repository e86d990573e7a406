// A graph in the language of Graphviz. Steps have numbers for ids and their names in quoted labels.
import { plainText } from '../../wording.ts'
import { detailOf, directionOf, numberSteps, summaryOf, titleOf } from './labels.ts'
import { brokenLines, light } from './palette.ts'
import type { StepGraph, StepNode } from './step-graph.ts'

export function renderDot(graph: StepGraph): string {
  const idOf = numberSteps(graph)
  const heading = `${escapeLabel(titleOf(graph))}\\n${escapeLabel(summaryOf(graph))}\\n `
  const lines = [
    'digraph tasker {',
    `  graph [rankdir=${directionOf(graph) === 'right' ? 'LR' : 'TB'}, labelloc=t, fontname="Helvetica", label="${heading}"]`,
    `  node [shape=box, fontname="Helvetica", fontsize=11, fontcolor="${light.ink}"]`,
    `  edge [color="${light.edge}", arrowsize=0.7]`,
    ...graph.nodes.map((node) => `  ${idOf(node.name)} [${attributesOf(node)}]`),
    ...graph.edges.map(
      ({ from, to, isOnCriticalPath }) =>
        `  ${idOf(from)} -> ${idOf(to)}${isOnCriticalPath ? ` [penwidth=3, color="${light.ink}"]` : ''}`,
    ),
    '}',
  ]
  return `${lines.join('\n')}\n`
}

function attributesOf(node: StepNode): string {
  const state = node.state ?? 'none'
  const { fill, stroke } = light.states[state]
  const line = brokenLines.includes(state) ? 'dashed' : 'solid'
  const detail = detailOf(node)
  const name = escapeLabel(plainText(node.name))
  const label = detail === '' ? name : `${name}\\n${escapeLabel(detail)}`
  return [
    `label="${label}"`,
    `style="rounded,filled,${line}"`,
    `fillcolor="${fill}"`,
    `color="${node.isOnCriticalPath ? light.ink : stroke}"`,
    ...(node.isOnCriticalPath ? ['penwidth=3'] : []),
  ].join(', ')
}

/** Graphviz reads `\N` and the like in labels, and entities of HTML. */
function escapeLabel(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('&', '&amp;')
}
