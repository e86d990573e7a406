// Graphs as pictures: well-formed, safe to put into a page, readable without colours, and without boxes that overlap.
import { expect, test } from 'vitest'
import { directionOf } from '../../src/reports/graph/labels.ts'
import { layOut, type Layout, type Point } from '../../src/reports/graph/layout.ts'
import { renderGraph } from '../../src/reports/graph/render.ts'
import type { StepGraph } from '../../src/reports/graph/step-graph.ts'
import { stepStates } from '../../src/states.ts'
import { randomShape, shapes, type ShapeId } from '../../src/testing/index.ts'
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
const small = [
  ...ids.flatMap((id) => [drawnDefinition(shapes[id]), drawnTask(shapes[id])]),
  ...[1, 2, 3, 4, 5].map((seed) => drawnTask(randomShape(seed))),
  hostile,
]
const box = { width: 180, height: 46 }

test('a picture, in full', () => {
  expect(renderGraph(mixed, 'svg')).toMatchSnapshot()
})

test('pictures are well-formed and hold nothing but shapes, text and styles', () => {
  const known = [
    'svg',
    'title',
    'desc',
    'style',
    'defs',
    'marker',
    'path',
    'rect',
    'text',
    'g',
    'circle',
  ]
  for (const graph of [...small, wideGraph(1_004)]) {
    const { tags } = readXml(renderGraph(graph, 'svg'))
    expect(tags.filter((tag) => !known.includes(tag))).toEqual([])
  }
})

test('hostile names are drawn as text, whole in the tooltip', () => {
  const { texts } = readXml(renderGraph(hostile, 'svg'))
  for (const name of hostileNames) {
    expect(texts.some((text) => text.startsWith(`${plainText(name)}: `))).toBe(true)
  }
})

test('a long name keeps its beginning and its end', () => {
  const long = `fetch_${'x'.repeat(80)}_ID0000042`
  const steps = [{ name: long, dependsOn: [] }]
  const { texts } = readXml(renderGraph(drawnDefinition({ ...shapes.A, steps }), 'svg'))
  expect(texts).toContain('fetch_xxxxxxxxxx…xxxxxx_ID0000042')
})

test('each state has a mark of its own and stands in words', () => {
  const steps = stepStates.map((_, index) => ({ name: `step_${index}`, dependsOn: [] }))
  const picture = renderGraph(drawnTask({ ...shapes.A, steps }), 'svg')
  const marks = [...picture.matchAll(/<g class="mark"[^>]*>(.*?)<\/g>/g)].map((match) => match[1])
  expect(new Set(marks).size).toBe(stepStates.length)
  const { texts } = readXml(picture)
  for (const state of stepStates) {
    expect(texts.some((text) => text.includes(state.replaceAll('_', ' ')))).toBe(true)
  }
})

test('the heading says what it is, how it is, and which path is bold; so does the description', () => {
  const { texts } = readXml(renderGraph(mixed, 'svg'))
  const summary =
    'task 01980f2b-7a3c-7e10-8f64-5b1f0c9e2d77 is in progress; 9 steps on 5 levels; bold: the critical path, 3 steps, 2 h 11 min (measured)'
  expect(texts).toContain('default/mixed_workflow_task@0.1.0')
  expect(texts).toContain(summary)
  const description = texts.find((text) => text.startsWith(`${summary}. Critical path: `))
  expect(description).toMatch(/\w+: error/)
})

test('light and dark give every class the same properties', () => {
  const [, shared = '', dark = ''] =
    /<style>([^@]*)@media \(prefers-color-scheme:dark\)\{([\s\S]*?)\n\}\n<\/style>/.exec(
      renderGraph(mixed, 'svg'),
    ) ?? []
  const colours = (css: string): readonly string[] =>
    css
      .split('\n')
      .flatMap((rule) => (/#[0-9a-f]{6}/.test(rule) ? [rule.replaceAll(/#[0-9a-f]{6}/g, '')] : []))
  expect(colours(dark).length).toBeGreaterThan(10)
  expect(colours(shared)).toEqual(colours(dark))
})

test('every rule is bound to the picture', () => {
  const style = /<style>\n([\s\S]*)\n<\/style>/.exec(renderGraph(mixed, 'svg'))?.[1] ?? ''
  const free = style
    .split('\n')
    .filter((rule) => !/^(?:\.tasker-graph [^,]*\{|@media|\}$)/.test(rule))
  expect(free).toEqual([])
})

test('no two boxes overlap, and all stand inside the picture', () => {
  for (const graph of [...small, wideGraph(1_004)]) {
    const layout = layOut(graph, directionOf(graph), box)
    expect(layout.corners.size).toBe(graph.nodes.length)
    expect(overlapping(layout)).toEqual([])
    for (const { x, y } of layout.corners.values()) {
      const isInside =
        x >= 0 && y >= 0 && x + box.width <= layout.width + 1 && y + box.height <= layout.height + 1
      expect(isInside).toBe(true)
    }
  }
})

test('edges leave their box, pass beside all others, and arrive at theirs', () => {
  for (const graph of small) {
    const layout = layOut(graph, directionOf(graph), box)
    const crossed = layout.routes.filter(({ waypoints }) => crossesBox(waypoints, layout))
    expect(crossed).toEqual([])
  }
})

test('children stand further along than their parents', () => {
  for (const graph of [...small, wideGraph(1_004)]) {
    const isDown = directionOf(graph) === 'down'
    const { corners } = layOut(graph, directionOf(graph), box)
    const at = (name: string): number =>
      (isDown ? corners.get(name)?.y : corners.get(name)?.x) ?? Number.NaN
    expect(graph.edges.filter(({ from, to }) => !(at(from) < at(to)))).toEqual([])
  }
})

test('how long steps took does not move them', () => {
  const cornersOf = (graph: StepGraph) => layOut(graph, 'right', box).corners
  expect(cornersOf(drawnTask(shapes.E))).toEqual(cornersOf(drawnDefinition(shapes.E)))
})

function overlapping({ corners }: Layout): readonly string[] {
  const placed = [...corners].toSorted(([, a], [, b]) => a.x - b.x)
  return placed.flatMap(([name, a], index) => {
    const found: string[] = []
    for (const [other, b] of placed.slice(index + 1)) {
      if (b.x >= a.x + box.width) break // sorted: no later one can reach back
      if (Math.abs(a.y - b.y) < box.height) found.push(`${name} and ${other}`)
    }
    return found
  })
}

/** Between two waypoints of a pair the edge runs straight through a row, where the boxes are. */
function crossesBox(waypoints: readonly Point[], { corners }: Layout): boolean {
  const inside = waypoints.slice(1, -1)
  return inside.some(({ x, y }) =>
    [...corners.values()].some(
      (corner) =>
        x > corner.x + 1 &&
        x < corner.x + box.width - 1 &&
        y > corner.y + 1 &&
        y < corner.y + box.height - 1,
    ),
  )
}

/** Reads XML strictly: tags that match, attributes in quotes, no stray `<` or `&`. */
function readXml(xml: string): {
  readonly tags: readonly string[]
  readonly texts: readonly string[]
} {
  const token =
    /<(?<end>\/)?(?<tag>[a-z]+)(?<attributes>(?: [\w:-]+="[^"<&]*")*)(?<empty>\/)?>|(?<text>(?:[^<&]|&(?:amp|lt|gt|quot|#39);)+)/gy
  const open: string[] = []
  const tags: string[] = []
  const texts: string[] = []
  const close = (tag: string): void => {
    const last = open.pop()
    if (last !== tag) throw new Error(`${tag} ends where ${last} is open.`)
  }
  while (token.lastIndex < xml.length) {
    const place = token.lastIndex
    const groups = token.exec(xml)?.groups
    if (groups === undefined) throw new Error(`Not XML from: ${xml.slice(place, place + 80)}`)
    const { end, tag, empty, text } = groups
    if (text !== undefined) texts.push(decode(text))
    else if (end !== undefined) close(tag ?? '')
    else {
      tags.push(tag ?? '')
      if (empty === undefined) open.push(tag ?? '')
    }
  }
  if (open.length > 0) throw new Error(`${open.join(', ')} are never closed.`)
  return { tags, texts }
}

const decode = (text: string): string =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
