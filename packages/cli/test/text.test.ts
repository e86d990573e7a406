// Tables and colours: what is pure text.
import { expect, test } from 'vitest'
import { cut, formatTable, wrapParts } from '../src/columns.ts'
import { wantsColor } from '../src/terminal.ts'

const plain = (text: string): string => text

test('columns are as wide as their cells look, whatever the script', () => {
  const rows = [
    { name: '注文', count: 5 },
    { name: 'café', count: 12 },
  ]
  const table = formatTable(
    rows,
    [
      { title: 'Name', text: (row) => row.name },
      { title: 'Count', text: (row) => String(row.count), align: 'right' },
    ],
    { width: 80, paintTitle: plain },
  )
  expect(table).toBe(['  Name  Count', '  注文      5', '  café     12'].join('\n'))
})

test('a line does not leave the screen', () => {
  const table = formatTable(
    [{ text: 'a long explanation of the case' }],
    [
      { title: 'Id', text: () => '7' },
      { title: 'Why', text: (row) => row.text },
    ],
    { width: 20, paintTitle: plain },
  )
  expect(table).toBe('  Id  Why\n  7   a long explan…')
})

test('a cell is one line that a terminal obeys in nothing, whatever is in it; its colours stay', () => {
  const table = formatTable(
    [{ text: 'a\u001B[31m b\r\nc\u202Ed' }],
    [{ title: 'Why', text: (row) => row.text, paint: (text) => `\u001B[32m${text}\u001B[39m` }],
    { width: 80, paintTitle: plain },
  )
  expect(table).toBe('  Why\n  \u001B[32ma [31m b cd\u001B[39m')
})

test('text is cut between characters, never inside one', () => {
  expect(cut('naïve 👩‍👩‍👧 text', 8)).toBe('naïve …')
  expect(cut('short', 5)).toBe('short')
})

test('parts are wrapped between parts', () => {
  expect(wrapParts(['a 1', 'b 2', 'c 3'], 8)).toEqual(['a 1,', 'b 2, c 3'])
  expect(wrapParts([], 8)).toEqual([])
})

test('colours follow the terminal unless the environment says otherwise', () => {
  expect(wantsColor({}, true)).toBe(true)
  expect(wantsColor({}, false)).toBe(false)
  expect(wantsColor({ TERM: 'dumb' }, true)).toBe(false)
  expect(wantsColor({ NO_COLOR: '1', FORCE_COLOR: '1' }, true)).toBe(false)
  expect(wantsColor({ FORCE_COLOR: '0' }, true)).toBe(false)
  expect(wantsColor({ FORCE_COLOR: '1' }, false)).toBe(true)
})
