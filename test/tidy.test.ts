// The repository keeps its own rules. What they are, and why, is tidy-rules.ts.
import { expect, test } from 'vitest'
import { readSourceFiles } from './source-files.ts'
import { tidyRules } from './tidy-rules.ts'

const files = readSourceFiles()

test('the rules have files to look at', () => {
  const paths = files.map((file) => file.path)
  expect(paths).toContain('packages/engine/src/errors.ts')
  expect(paths).toContain('test/tidy.test.ts')
})

test.for(tidyRules)('$name', ({ check }) => {
  expect(check(files)).toEqual([])
})
