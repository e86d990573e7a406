// Tables to read in a terminal: rows are figures, columns are what was measured, as wide as they have to be.
import type { Figures, Median } from './figures.ts'
import type { Verdict } from './verdict.ts'

/** The first row is the head; numbers stand at the right. */
export function tableOf(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  )
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd()
  const [head = [], ...body] = rows
  return [line(head), widths.map((width) => '─'.repeat(width)).join('  '), ...body.map(line)].join(
    '\n',
  )
}

/** What is shown in one table: the columns by name, and the figures of each. */
export interface Column {
  readonly name: string
  readonly figures: Figures
}

/** One column each. Figures that none of them has are left out. */
export function figuresTable(title: string, columns: readonly Column[]): string {
  const names = [...new Set(columns.flatMap(({ figures }) => Object.keys(figures)))]
  const rows = names
    .filter((name) => columns.some(({ figures }) => (figures[name] ?? null) !== null))
    .map((name) => [labelOf(name), ...columns.map(({ figures }) => shown(figures[name] ?? null))])
  return tableOf([[title, ...columns.map(({ name }) => name)], ...rows])
}

/** Runs side by side, then their median, smallest and largest. */
export function runColumns(
  runs: readonly Figures[],
  medians: Readonly<Record<string, Median | null>>,
): readonly Column[] {
  const each = (key: keyof Median): Figures =>
    Object.fromEntries(Object.entries(medians).map(([name, of]) => [name, of?.[key] ?? null]))
  return [
    ...runs.map((figures, index) => ({ name: `run ${index + 1}`, figures })),
    ...(['median', 'min', 'max'] as const).map((key) => ({ name: key, figures: each(key) })),
  ]
}

export function verdictLine({ says, found, isMet }: Verdict): string {
  const mark = isMet === null ? '–     ' : isMet ? 'met   ' : 'MISSED'
  return `${mark}  ${says}: ${found === null ? 'not measured' : medianText(found)}`
}

/** `0.95 (0.91 to 1.2)`; of one run the value alone. */
export const medianText = ({ median, min, max }: Median): string =>
  min === max ? shown(median) : `${shown(median)} (${shown(min)} to ${shown(max)})`

export function shown(value: number | null): string {
  if (value === null) return '–'
  return value.toLocaleString('en', { maximumSignificantDigits: Math.abs(value) < 1000 ? 4 : 21 })
}

/** `hopMsP50` is read as `hop ms p50`. */
const labelOf = (name: string): string =>
  name.replaceAll(/[A-Z]+|\d+/g, (part, at: number) =>
    /\d/.test(part) && /p$/i.test(name.slice(0, at)) ? part : ` ${part.toLowerCase()}`,
  )
