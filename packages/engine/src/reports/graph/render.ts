// The formats in which a graph is written. Each is a pure function of the graph, so equal graphs give equal texts.
import { show } from '../../definitions/names.ts'
import { TaskerError } from '../../errors.ts'
import { renderDot } from './dot.ts'
import { renderMermaid } from './mermaid.ts'
import type { StepGraph } from './step-graph.ts'
import { renderSvg } from './svg.ts'

export const graphFormats = ['mermaid', 'dot', 'svg', 'json'] as const
export type GraphFormat = (typeof graphFormats)[number]

/**
 * Writes a graph as text, with a line break at its end.
 *
 * `mermaid` and `dot` for pages and tools that draw them; `svg` a finished picture, for light and dark pages, that needs
 * nothing else; `json` the graph itself. Names are escaped for each, whatever they hold.
 * @throws {TaskerError} REQUEST_INVALID for another format
 */
export function renderGraph(graph: StepGraph, format: GraphFormat): string {
  switch (format) {
    case 'mermaid':
      return renderMermaid(graph)
    case 'dot':
      return renderDot(graph)
    case 'svg':
      return renderSvg(graph)
    case 'json':
      return `${JSON.stringify(graph, null, 2)}\n`
    default: {
      const known = graphFormats.join(', ')
      const message = `A graph is written as one of ${known}; received ${show(format satisfies never)}.`
      throw new TaskerError('REQUEST_INVALID', message)
    }
  }
}
