// The text format of Prometheus, read strictly: what is right is read whole, and each way to be wrong is named.
import { expect, test } from 'vitest'
import { readExposition } from '../src/validation/exposition.ts'

const right = `# HELP app_tasks_total Tasks, "quoted" and \\\\ escaped.
# TYPE app_tasks_total counter
app_tasks_total{name="a \\"b\\" \\\\ c\\nd",empty="",} 3 1795284000000
app_tasks_total{name="}{ , ="} 1e3
# a remark
# TYPE app_seconds histogram
app_seconds_bucket{le="0.5"} 1
app_seconds_bucket{le="1"} 2
app_seconds_bucket{le="+Inf"} 2
app_seconds_sum 0.9
app_seconds_count 2

# TYPE app_free gauge
app_free -Inf
app_untyped NaN
`

test('every sample is read, with its labels as they were meant', () => {
  const { samples, types, helps, faults } = readExposition(right)
  expect(faults).toEqual([])
  expect([...helps]).toEqual([['app_tasks_total', 'Tasks, "quoted" and \\ escaped.']])
  expect(samples).toHaveLength(9)
  expect(samples.slice(0, 2)).toEqual([
    { name: 'app_tasks_total', labels: { name: 'a "b" \\ c\nd', empty: '' }, value: 3 },
    { name: 'app_tasks_total', labels: { name: '}{ , =' }, value: 1_000 },
  ])
  expect(samples.slice(-2).map(({ value }) => value)).toEqual([-Infinity, Number.NaN])
  expect([...types]).toEqual([
    ['app_tasks_total', 'counter'],
    ['app_seconds', 'histogram'],
    ['app_free', 'gauge'],
  ])
})

const histogram = (lines: string): string => `# TYPE h histogram\n${lines}\n`

test.for<readonly [text: string, fault: RegExp]>([
  ['a 1', /^The last line has no end\.$/],
  ['<html>\n', /^Line 1 is neither a sample nor a comment: <html>$/],
  ['a{b=c} 1\n', /^Line 1 has labels that cannot be read/],
  ['a{b="1",b="2"} 1\n', /has labels that cannot be read/],
  ['a{b="1" c="2"} 1\n', /has labels that cannot be read/],
  ['a{b="\\x"} 1\n', /has labels that cannot be read/],
  ['a 0x10\n', /has no number as its value/],
  ['a 1\na 2\n', /^Line 2 is a second sample of its series/],
  ['a{b="1",c="2"} 1\na{c="2",b="1"} 1\n', /^Line 2 is a second sample of its series/],
  ['# TYPE a counter\n# TYPE a gauge\n', /^Line 2 is a second TYPE/],
  ['# HELP a b\n# HELP a b\n', /^Line 2 is a second HELP/],
  ['# TYPE a number\n', /gives a type that there is not/],
  ['# TYPE\n', /names no metric/],
  ['a 1\n# TYPE a gauge\n', /^Line 2 stands behind samples/],
  ['a 1\nb 1\na{c="d"} 1\n', /^Line 3 stands apart/],
  ['# TYPE a counter\na -1\n', /counts down below zero/],
  [histogram('h_bucket{le="1"} 1\nh_sum 1\nh_count 1'), /^h\{\}: there is no bucket \+Inf/],
  [histogram('h_bucket{x="y"} 1\nh_sum 1\nh_count 1'), /a bucket has no bound/],
  [
    histogram('h_bucket{le="1"} 1\nh_bucket{le="+Inf"} 2\nh_sum 1\nh_count 3'),
    /the bucket \+Inf is not what _count says/,
  ],
  [
    histogram('h_bucket{le="1"} 3\nh_bucket{le="+Inf"} 2\nh_sum 1\nh_count 2'),
    /a bucket holds less than the one before it/,
  ],
])('%s', ([text, fault]) => {
  expect(readExposition(text).faults.join('\n')).toMatch(fault)
})
