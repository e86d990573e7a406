// Plain tables: cells padded to the widest of their column, as they look on a screen. Whatever a cell holds, it is one line
// that a terminal obeys in nothing.
import { plainText } from '@tasker/engine'
import stringWidth from 'string-width'

export interface Column<Row> {
  readonly title: string
  readonly text: (row: Row) => string
  /** Applied after the text was measured; colours go here. */
  readonly paint?: (text: string, row: Row) => string
  readonly align?: 'left' | 'right'
}

export interface TableLayout {
  /** Columns of the screen; the last cell of a line is cut to fit. */
  readonly width: number
  /** How titles look. */
  readonly paintTitle: (text: string) => string
}

const gap = '  '

/** One line per row under a line of titles, each indented by two. */
export function formatTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  layout: TableLayout,
): string {
  const cells = rows.map((row) => columns.map((column) => plainText(column.text(row))))
  const widths = columns.map((column, index) =>
    Math.max(stringWidth(column.title), ...cells.map((line) => stringWidth(line[index] ?? ''))),
  )
  const lineOf = (
    texts: readonly string[],
    painted: (text: string, index: number) => string,
  ): string => {
    let room = layout.width
    const parts = columns.map((column, index) => {
      room -= gap.length
      const text = cut(texts[index] ?? '', Math.max(room, 1))
      const space = ' '.repeat(Math.max(0, (widths[index] ?? 0) - stringWidth(text)))
      room -= widths[index] ?? 0
      const shown = painted(text, index)
      return gap + (column.align === 'right' ? space + shown : shown + space)
    })
    return parts.join('').trimEnd()
  }
  const titles = lineOf(
    columns.map((column) => column.title),
    (text) => layout.paintTitle(text),
  )
  const lines = rows.map((row, at) =>
    lineOf(cells[at] ?? [], (text, index) => columns[index]?.paint?.(text, row) ?? text),
  )
  return [titles, ...lines].join('\n')
}

/** The text, cut to so many columns of the screen, with a mark where something is missing. */
export function cut(text: string, width: number): string {
  if (stringWidth(text) <= width) return text
  let kept = ''
  let room = width - 1
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    room -= stringWidth(segment)
    if (room < 0) break
    kept += segment
  }
  return `${kept}…`
}

/** Parts joined by `, `, broken into lines of the given width. */
export function wrapParts(parts: readonly string[], width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const [index, part] of parts.entries()) {
    const text = index < parts.length - 1 ? `${part},` : part
    const longer = line === '' ? text : `${line} ${text}`
    if (line !== '' && stringWidth(longer) > width) {
      lines.push(line)
      line = text
    } else {
      line = longer
    }
  }
  return line === '' ? lines : [...lines, line]
}
