// How durations, amounts, words of a shell and text of others are written for people.
import { expect, test } from 'vitest'
import { count, formatDuration, plainLines, plainText, shellWord } from '../src/wording.ts'

test.for([
  [-5, '0 ms'],
  [0, '0 ms'],
  [0.2, '<1 ms'],
  [999, '999 ms'],
  [1_000, '1.0 s'],
  [59_949, '59.9 s'],
  [59_999, '1 min 00 s'],
  [184_000, '3 min 04 s'],
  [3_599_600, '1 h 00 min'],
  [7_500_000, '2 h 05 min'],
  [172_799_000, '47 h 59 min'],
  [172_800_000, '2 d 00 h'],
  [284_400_000, '3 d 07 h'],
] as const)('%d ms read %s', ([durationMs, text]) => {
  expect(formatDuration(durationMs)).toBe(text)
})

test('amounts have their word in the plural, thousands apart, and say where counting stopped', () => {
  expect([0, 1, 2, 12_345].map((amount) => count(amount, 'step'))).toEqual([
    '0 steps',
    '1 step',
    '2 steps',
    '12,345 steps',
  ])
  expect([9_999, 10_000].map((amount) => count(amount, 'task', 10_000))).toEqual([
    '9,999 tasks',
    '10,000 tasks or more',
  ])
})

test('a word of a shell is quoted where the shell would read it otherwise', () => {
  expect(['charge', '--step', 'a/b@1.0.0', '=ls', "it's $HOME", ''].map(shellWord)).toEqual([
    'charge',
    '--step',
    'a/b@1.0.0',
    "'=ls'",
    `'it'\\''s $HOME'`,
    "''",
  ])
})

test('text of several lines, with marks that turn the text around, becomes one plain line', () => {
  expect(plainText('one\r\ntwo\u2028three\u0000four\u202Efive\uD800')).toBe(
    'one two three fourfive\uFFFD',
  )
  expect(plainText('\u001B[2J\u009B1mred\u0007')).toBe('[2J 1mred')
})

test('lines stay lines with their indents where they are wanted', () => {
  expect(plainLines('2 faults:\r\n  - a\u001B[2J: b\n  - c\u2066')).toBe(
    '2 faults:\n  - a [2J: b\n  - c',
  )
})
