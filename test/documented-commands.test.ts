// The commands that pages and errors tell people to type exist, with the options shown.
import { expect, test } from 'vitest'
import { faultsOf } from './command-faults.ts'
import { readSourceFiles } from './source-files.ts'

/** In shell blocks of pages, and between backticks on pages and in the remedies of errors. */
const shown = readSourceFiles()
  .filter(({ path }) => /\.md$|^packages\/engine\/src\/errors\.ts$/.test(path))
  .flatMap(({ path, text }) => commandsIn(text).map((command) => ({ path, command })))

test('pages show commands', () => {
  expect(shown.map(({ command }) => command)).toContain('tasker migrate --dry-run')
})

test('each command on a page is one of the command line, with options that it has', () => {
  expect(shown.flatMap(({ path, command }) => faultsOf(path, command))).toEqual([])
})

test('a command or an option that is not there is found', () => {
  expect(faultsOf('page.md', 'tasker task destroy 1')).toHaveLength(1)
  expect(faultsOf('page.md', 'tasker migrate --undo')).toHaveLength(1)
  expect(faultsOf('page.md', 'tasker task list --state=error')).toEqual([])
})

function commandsIn(text: string): readonly string[] {
  const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, block = '']) =>
    block.split('\n').filter((line) => line.startsWith('tasker ')),
  )
  const spans = [...text.matchAll(/`(tasker [a-z-][^`]*)`/g)].map(([, span = '']) => span)
  return [...blocks, ...spans].map((line) => line.replace(/\s+#.*$/, '').trim())
}
