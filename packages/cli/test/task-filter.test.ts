// The options that choose tasks, as a filter and back into words.
import { expect, test } from 'vitest'
import { filterWords, readFilter } from '../src/task-filter.ts'
import { readTime } from '../src/time-argument.ts'

test('a filter read from options is written as options that mean the same', () => {
  const filter = readFilter({
    state: 'error,pending',
    namespace: 'shop',
    name: 'order',
    definitionVersion: '1.0.0',
    tag: ['a', 'b'],
    initiator: 'ana',
    held: true,
    createdFrom: new Date('2026-11-21T03:00:00Z'),
    createdBefore: new Date('2026-11-22T03:00:00Z'),
  })
  expect(filterWords(filter).join(' ')).toBe(
    '--state pending,error --namespace shop --name order --definition-version 1.0.0 --tag a --tag b ' +
      '--initiator ana --held --created-from 2026-11-21T03:00:00.000Z ' +
      '--created-before 2026-11-22T03:00:00.000Z',
  )
  expect(readFilter({})).toEqual({})
})

test('an age becomes the instant that it was then', () => {
  const filter = readFilter({ olderThan: 3_600_000, newerThan: 7_200_000 })
  const [from = 0, before = 0] = [filter.createdFrom?.getTime(), filter.createdBefore?.getTime()]
  expect(before - from).toBe(3_600_000)
})

test.for([
  ['2026-11-21', '2026-11-21T00:00:00.000Z'],
  ['2026-11-21T03:10Z', '2026-11-21T03:10:00.000Z'],
  ['2026-11-21 03:10:39Z', '2026-11-21T03:10:39.000Z'],
  ['2026-11-21T03:10:39.5+01:00', '2026-11-21T02:10:39.500Z'],
] as const)('%s is read as an instant', ([text, instant]) => {
  expect(readTime(text).toISOString()).toBe(instant)
})

test.for([
  '2026-02-30',
  '2026-11-21T03:10',
  '21.11.2026',
  'yesterday',
  '2026-13-01',
  '2026-11-21T25:00Z',
  '',
])('%s is no instant: a time needs its zone', (text) => {
  expect(() => readTime(text)).toThrow('such as 2026-11-21')
})
