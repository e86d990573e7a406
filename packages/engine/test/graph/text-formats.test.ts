// Graphs as Mermaid, DOT and JSON: what is written is read back by Graphviz itself, and by a strict reader of the part of
// Mermaid's grammar that is used; names come back as they were, whatever they hold.
import { instance } from '@viz-js/viz'
import { expect, test } from 'vitest'
import { graphFormats, renderGraph, type GraphFormat } from '../../src/reports/graph/render.ts'
import type { StepGraph } from '../../src/reports/graph/step-graph.ts'
import { shapes, type ShapeId } from '../../src/testing/index.ts'
import { plainText } from '../../src/wording.ts'
import {
  drawnDefinition,
  drawnTask,
  hostile,
  hostileNames,
  mixed,
  wideGraph,
} from './sample-graphs.ts'

const ids = Object.keys(shapes) as ShapeId[] // the keys of a record of ShapeId
const everything = [
  ...ids.flatMap((id) => [drawnDefinition(shapes[id]), drawnTask(shapes[id])]),
  hostile,
]

test('Mermaid, in full', () => {
  expect(renderGraph(mixed, 'mermaid')).toMatchSnapshot()
})

test('DOT, in full', () => {
  expect(renderGraph(mixed, 'dot')).toMatchSnapshot()
})

test('JSON is the graph', () => {
  const text = renderGraph(mixed, 'json')
  expect(JSON.parse(text)).toEqual(mixed)
})

test('an unknown format is refused with the known ones', () => {
  const draw = (): string => renderGraph(mixed, 'png' as GraphFormat) // as a JavaScript caller may
  expect(draw).toThrow('A graph is written as one of mermaid, dot, svg, json; received "png".')
})

test.each(graphFormats)('%s is the same every time, and ends in a line break', (format) => {
  expect(renderGraph(drawnTask(shapes.E), format)).toBe(renderGraph(mixed, format))
  expect(renderGraph(mixed, format)).toMatch(/[^\n]\n$/)
})

test('every Mermaid text keeps to the grammar, with the steps and edges of its graph', () => {
  for (const graph of everything) {
    const { labels, edges } = readMermaid(renderGraph(graph, 'mermaid'))
    expect(labels.map(([name]) => name)).toEqual(graph.nodes.map(({ name }) => plainText(name)))
    expect(edges).toEqual(numberedEdges(graph))
  }
})

test('Graphviz reads every DOT text, with the steps and edges of its graph', async () => {
  const viz = await instance()
  for (const graph of everything) {
    const read = viz.renderJSON(renderGraph(graph, 'dot')) as GraphvizGraph // its json0 format
    expect(read.edges?.map(({ tail, head }) => [tail, head]) ?? []).toEqual(
      numberedEdges(graph).map(([from, to]) => [from - 1, to - 1]),
    )
    expect(read.objects).toHaveLength(graph.nodes.length)
  }
})

test('Graphviz draws hostile names as the text that they are', async () => {
  const viz = await instance()
  const drawn = viz.renderString(renderGraph(hostile, 'dot'), { format: 'svg' })
  const texts = [...drawn.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((match) =>
    readXml(match[1] ?? ''),
  )
  for (const name of hostileNames) expect(texts).toContain(plainText(name))
})

test('the picture grows down where there are more levels than steps side by side, else to the right', () => {
  const directionIn = (graph: StepGraph): string | undefined =>
    /^flowchart (\w+)$/m.exec(renderGraph(graph, 'mermaid'))?.[1]
  expect(directionIn(drawnDefinition(shapes.A))).toBe('TB')
  expect(directionIn(drawnDefinition(shapes.C))).toBe('LR')
})

test('a thousand steps and four thousand edges are no matter', () => {
  const graph = wideGraph(1_004)
  const { labels, edges } = readMermaid(renderGraph(graph, 'mermaid'))
  expect([labels.length, edges.length]).toEqual([1_004, graph.edges.length])
})

interface GraphvizGraph {
  readonly objects: readonly unknown[]
  readonly edges?: readonly { readonly tail: number; readonly head: number }[]
}

/** By position from 1, as steps are called in both formats. */
function numberedEdges({ nodes, edges }: StepGraph): readonly (readonly [number, number])[] {
  const numbers = new Map(nodes.map(({ name }, index) => [name, index + 1]))
  return edges.map(({ from, to }) => [numbers.get(from) ?? 0, numbers.get(to) ?? 0])
}

interface ReadMermaid {
  readonly labels: readonly (readonly string[])[]
  readonly edges: readonly (readonly [number, number])[]
}

/** Fails at the first line that is not of a known form. */
function readMermaid(text: string): ReadMermaid {
  const labels: (readonly string[])[] = []
  const edges: (readonly [number, number])[] = []
  const state = '(?:pending|in_progress|complete|error|cancelled|resolved_manually|skipped)'
  const colour = '#[0-9a-f]{6}'
  const character = String.raw`(?:[\w .,()-]|#\d{1,3};|[^\x00-\x7F])`
  const node = new RegExp(
    `^ {2}s(\\d+)\\["(${character}*(?:<br/>${character}+)?)"\\](?::::${state})?$`,
  )
  const head = [
    /^---$/,
    /^title: "(?:[^"\\%<>&{}#]|\\["\\]|\\u[0-9a-f]{4})*"$/,
    /^---$/,
    /^%% [\w ;:,.<>@()-]+$/,
    /^flowchart (?:LR|TB)$/,
  ]
  const others = [
    new RegExp(
      `^ {2}classDef ${state} fill:${colour},stroke:${colour},color:${colour}(?:,stroke-dasharray:5 4)?$`,
    ),
    /^ {2}classDef critical stroke-width:4px$/,
    /^ {2}class s\d+(?:,s\d+)* critical$/,
  ]
  const lines = text.replace(/\n$/, '').split('\n')
  head.forEach((form, index) => {
    if (!form.test(lines[index] ?? '')) throw new Error(`Not Mermaid: ${lines[index]}`)
  })
  for (const line of lines.slice(head.length)) {
    const step = node.exec(line)
    const edge = /^ {2}s(\d+) (?:-->|==>) s(\d+)$/.exec(line)
    if (step !== null) labels.push((step[2] ?? '').split('<br/>').map(readCodes))
    else if (edge !== null) edges.push([Number(edge[1]), Number(edge[2])])
    else if (!others.some((form) => form.test(line))) throw new Error(`Not Mermaid: ${line}`)
  }
  return { labels, edges }
}

const readCodes = (label: string): string =>
  label.replaceAll(/#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))

const readXml = (text: string): string =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll('&amp;', '&')
