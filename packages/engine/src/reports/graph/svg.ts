// A graph as a picture of its own: SVG without scripts, fonts or links, that follows the page's light or dark scheme. The
// state of a step stands in its box in words, as a mark, and in the kind and colour of the line.
import { plainText } from '../../wording.ts'
import { detailOf, directionOf, stateText, summaryOf, titleOf } from './labels.ts'
import { layOut, type Layout, type Point, type Size } from './layout.ts'
import type { StepGraph, StepNode } from './step-graph.ts'
import { markOf } from './svg-marks.ts'
import { rootClass, styleSheet } from './svg-style.ts'

/** Columns of the longest label that is shown whole; the whole name stands in the tooltip. */
const columnsMax = 34
const columnsMin = 8
/** Of the monospaced 12 px of a name, and of the 11 px below it; a little more than any common font needs. */
const columnWidth = 7.4
const detailColumnWidth = 6.4
const headingColumnWidth = 8.2
const margin = 24
const headingHeight = 58

export function renderSvg(graph: StepGraph): string {
  const direction = directionOf(graph)
  const box = boxSize(graph)
  const layout = layOut(graph, direction, box)
  const title = titleOf(graph)
  const summary = summaryOf(graph)
  const headingWidth = Math.max(title.length * headingColumnWidth, summary.length * columnWidth)
  const width = Math.ceil(Math.max(layout.width, headingWidth) + 2 * margin)
  const height = Math.ceil(layout.height + headingHeight + 2 * margin)
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" class="${rootClass}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escapeXml(title)}</title>`,
    `<desc>${escapeXml(describe(graph, summary))}</desc>`,
    `<style>\n${styleSheet(graph)}\n</style>`,
    `<defs>${arrow(arrowId, 'arrow', 8)}${arrow(criticalArrowId, 'arrow critical', 12)}</defs>`,
    `<rect class="page" width="${width}" height="${height}"/>`,
    `<text class="heading" x="${margin}" y="${margin + 16}">${escapeXml(title)}</text>`,
    `<text class="summary" x="${margin}" y="${margin + 37}">${escapeXml(summary)}</text>`,
    `<g transform="translate(${margin} ${margin + headingHeight})">`,
    ...drawEdges(layout, direction === 'down'),
    ...graph.nodes.map((node) => drawNode(node, layout.corners.get(node.name), box)),
    '</g>',
    '</svg>',
  ]
  return `${lines.join('\n')}\n`
}

function boxSize({ nodes }: StepGraph): Size {
  const textWidth = nodes.reduce((most, node) => {
    const name = Math.min(columnsOf(plainText(node.name)), columnsMax) * columnWidth
    return Math.max(most, name, detailOf(node).length * detailColumnWidth)
  }, columnsMin * columnWidth)
  const hasMarks = nodes.some(({ state }) => state !== null)
  const hasDetails = nodes.some((node) => detailOf(node) !== '')
  return {
    width: Math.ceil(textWidth) + (hasMarks ? 46 : 28),
    height: hasDetails ? 46 : 34,
  }
}

function drawEdges({ routes }: Layout, isDown: boolean): readonly string[] {
  // Those of the critical path last: they must not vanish under others.
  const ordered = [
    ...routes.filter(({ edge }) => !edge.isOnCriticalPath),
    ...routes.filter(({ edge }) => edge.isOnCriticalPath),
  ]
  return ordered.map(({ edge, waypoints }) => {
    const kind = edge.isOnCriticalPath ? 'edge critical' : 'edge'
    const marker = edge.isOnCriticalPath ? criticalArrowId : arrowId
    const curve = curveThrough(waypoints, isDown)
    return `<path class="${kind}" d="${curve}" marker-end="url(#${marker})"/>`
  })
}

/** Bends between pairs of waypoints, leaving and arriving in the direction of the edges; straight within a pair. */
function curveThrough(points: readonly Point[], isDown: boolean): string {
  return points
    .map((point, index) => {
      const before = points[index - 1]
      const here = `${round(point.x)} ${round(point.y)}`
      if (before === undefined) return `M${here}`
      if (index % 2 === 0) return `L${here}`
      const first = isDown
        ? { x: before.x, y: (before.y + point.y) / 2 }
        : { x: (before.x + point.x) / 2, y: before.y }
      const second = isDown ? { x: point.x, y: first.y } : { x: first.x, y: point.y }
      return `C${round(first.x)} ${round(first.y)} ${round(second.x)} ${round(second.y)} ${here}`
    })
    .join('')
}

function drawNode(node: StepNode, corner: Point | undefined, { width, height }: Size): string {
  const { x, y } = corner ?? { x: 0, y: 0 } // the layout places every node
  const name = plainText(node.name)
  const detail = detailOf(node)
  const textX = node.state === null ? 14 : 34
  const nameY = detail === '' ? height / 2 + 4 : height / 2 - 4
  const critical = node.isOnCriticalPath ? ' critical' : ''
  const parts = [
    `<title>${escapeXml(detail === '' ? name : `${name}: ${detail}`)}</title>`,
    `<rect width="${width}" height="${height}" rx="7"/>`,
    ...(node.state === null ? [] : [markOf(node.state, height / 2)]),
    `<text class="name" x="${textX}" y="${nameY}">${escapeXml(shorten(name))}</text>`,
    ...(detail === ''
      ? []
      : [`<text class="detail" x="${textX}" y="${nameY + 16}">${escapeXml(detail)}</text>`]),
  ]
  return `<g class="step ${node.state ?? 'none'}${critical}" transform="translate(${x} ${y})">${parts.join('')}</g>`
}

/** The same in every picture, so that two of them in one page do not disturb each other. */
const arrowId = `${rootClass}-arrow`
const criticalArrowId = `${rootClass}-arrow-critical`

function arrow(id: string, kind: string, size: number): string {
  return `<marker id="${id}" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="${size}" markerHeight="${size}" markerUnits="userSpaceOnUse" orient="auto"><path class="${kind}" d="M0 .8 7.5 4 0 7.2z"/></marker>`
}

/** For who does not see the picture. */
function describe({ criticalPath, nodes }: StepGraph, summary: string): string {
  const unsettled = nodes.filter(({ state }) => state === 'error' || state === 'in_progress')
  const named = unsettled
    .slice(0, 20)
    .map(({ name, state }) => `${plainText(name)}: ${stateText(state ?? '')}`)
  const path = criticalPath?.steps.slice(0, 50).map(plainText).join(', ')
  return [
    `${summary}.`,
    ...(path === undefined ? [] : [`Critical path: ${path}.`]),
    ...(named.length === 0 ? [] : [`${named.join(', ')}.`]),
  ].join(' ')
}

/** Both ends of a long name are kept: the end is where similar names differ. */
function shorten(name: string): string {
  if (columnsOf(name) <= columnsMax) return name
  const segments = Array.from(new Intl.Segmenter().segment(name), ({ segment }) => segment)
  const half = Math.floor((columnsMax - 1) / 2)
  return `${fitting(segments, half)}…${fitting(segments.toReversed(), half, true)}`
}

function fitting(segments: readonly string[], columns: number, isReversed = false): string {
  const kept: string[] = []
  let room = columns
  for (const segment of segments) {
    room -= columnsOf(segment)
    if (room < 0) break
    kept.push(segment)
  }
  return (isReversed ? kept.toReversed() : kept).join('')
}

/** Characters of East Asian scripts and pictures take two columns of a monospaced font; marks on a letter take none. */
function columnsOf(text: string): number {
  const bare = text.replaceAll(/\p{Mn}/gu, '')
  const wide = bare.match(
    /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|\p{Extended_Pictographic}|[\u{20000}-\u{3FFFD}]/gu,
  )
  return Array.from(bare).length + (wide?.length ?? 0)
}

const round = (value: number): number => Math.round(value * 10) / 10

function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}
