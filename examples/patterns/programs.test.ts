// Each file of the folder runs by itself, on the embedded database, prints what it says it prints, and stands in the list.
import { globSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startEmbeddedPostgres } from '@tasker/embedded-postgres'
import { beforeAll, expect, test } from 'vitest'
import { printedLines, printsOf } from '../../test/readme-snippets.ts'
import { run } from '../../test/programs.ts'

const folder = import.meta.dirname
const patterns = globSync('*.ts', { cwd: folder })
  .filter((file) => !/\.test\.ts$|^(run-alone|open-pattern)\.ts$/.test(file))
  .toSorted()

let workingFolder = ''

beforeAll(async () => {
  workingFolder = await mkdtemp(join(tmpdir(), 'tasker-patterns-'))
  // Held for all of them: each would otherwise start the server and stop it again.
  const server = await startEmbeddedPostgres({ folder: join(workingFolder, '.tasker') })
  return async () => {
    await server.release()
    await rm(workingFolder, { recursive: true, force: true })
  }
})

test.for(patterns)('%s prints what it says', async (file) => {
  const program = join(folder, file)
  const promised = printsOf(readFileSync(program, 'utf8'))
  const { stdout, output, exitCode } = await run(
    'node',
    ['--conditions=@tasker/source', program],
    workingFolder,
  )
  expect(promised).not.toBeNull()
  expect({ exitCode, output: exitCode === 0 ? '' : output }).toEqual({ exitCode: 0, output: '' })
  expect(printedLines(stdout)).toEqual(promised)
})

test('the list in the README has each of them once', () => {
  const readme = readFileSync(join(folder, 'README.md'), 'utf8')
  const listed = [...readme.matchAll(/\]\(([a-z-]+\.ts)\)/g)].map(([, file]) => file)
  expect(new Set(listed)).toEqual(new Set(patterns))
  expect(listed).toHaveLength(patterns.length)
})
