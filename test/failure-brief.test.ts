// What tools/check.ts shows first of failed tests: every one is named, and all of it fits on one screen.
import { expect, test } from 'vitest'
import { briefOf } from '../tools/failure-brief.ts'

const failure = (no: number, lines: number) => ({
  where: `engine a.test.ts > test ${no}`,
  message: Array.from({ length: lines }, (_, line) => `line ${line + 1}`).join('\n'),
})

test('one failure: its place and the first lines of its message', () => {
  const shown = briefOf([failure(1, 40)]).split('\n')
  expect(shown).toHaveLength(15)
  expect(shown.slice(0, 2)).toEqual(['engine a.test.ts > test 1', '    line 1'])
})

test('ten failures share the room, and each is named with what it said', () => {
  const shown = briefOf(Array.from({ length: 10 }, (_, no) => failure(no, 40))).split('\n')
  expect(shown.length).toBeLessThanOrEqual(60)
  for (let no = 0; no < 10; no += 1) expect(shown).toContain(`engine a.test.ts > test ${no}`)
  expect(shown.filter((line) => line === '    line 1')).toHaveLength(10)
})

test('of too many for one screen the rest are counted', () => {
  const shown = briefOf(Array.from({ length: 200 }, (_, no) => failure(no, 3))).split('\n')
  expect(shown).toHaveLength(60)
  expect(shown.at(-1)).toBe('… and 141 more')
})

test('a long line is cut', () => {
  const [, line = ''] = briefOf([{ where: 'a', message: 'x'.repeat(5_000) }]).split('\n')
  expect(line).toHaveLength(200)
})
