// The programs of every page but the front one, which packages.test.ts runs from the packed packages: they compile
// strictly against the sources, run on the embedded database, and print what they say they print.
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { startEmbeddedPostgres } from '@tasker/embedded-postgres'
import { describe, expect, onTestFinished, test } from 'vitest'
import { run } from './programs.ts'
import { printedLines, printsOf, readSnippets, type Snippet } from './readme-snippets.ts'
import { readSourceFiles } from './source-files.ts'
import { root } from '../tools/run-program.ts'

/** As strict as a careful user's project; what only our own build needs is left out. */
const compilerOptions = {
  target: 'es2023',
  lib: ['es2024', 'esnext.disposable'],
  module: 'nodenext',
  types: ['node'],
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noPropertyAccessFromIndexSignature: true,
  verbatimModuleSyntax: true,
  erasableSyntaxOnly: true,
  noImplicitOverride: true,
  allowImportingTsExtensions: true,
  customConditions: ['@tasker/source'],
  skipLibCheck: true,
  noEmit: true,
}

const pages = readSourceFiles()
  .filter(({ path }) => /^(docs\/guides|packages\/[^/]+)\/[^/]+\.md$/.test(path))
  .map(({ path, text }) => ({ path, snippets: readSnippets(text) }))
  .filter(({ snippets }) => snippets.length > 0)

test('there are pages with programs', () => {
  expect(pages.map(({ path }) => path)).toContain('docs/guides/definitions.md')
})

test('the programs of all pages compile', async () => {
  const folder = await makeProject()
  for (const { path, snippets } of pages) await writeDown(snippets, join(folder, path))
  const { output } = await run('tsc', ['-p', folder, '--pretty', 'false'], folder)
  expect(output).toBe('')
})

describe.for(pages)('$path', ({ snippets }) => {
  test('its programs run and print what they say', async () => {
    const folder = await makeProject()
    await writeDown(snippets, folder)
    if (snippets.some(({ text }) => text.includes('createTasker('))) {
      // Held for all of them: each would otherwise start the server and stop it again.
      const server = await startEmbeddedPostgres({ folder: join(folder, '.tasker') })
      onTestFinished(() => server.release())
    }
    const said: Promised[] = []
    const promised: Promised[] = []
    for (const { file, text } of snippets.filter((snippet) => snippet.isRun)) {
      const done = await run('node', ['--conditions=@tasker/source', file], folder)
      const prints = printsOf(text)
      promised.push({ file, failure: null, prints })
      said.push({
        file,
        failure: done.exitCode === 0 ? null : done.output,
        prints: prints === null ? null : printedLines(done.stdout),
      })
    }
    expect(said).toEqual(promised)
  })
})

interface Promised {
  readonly file: string
  /** What a program that failed printed. */
  readonly failure: string | null
  readonly prints: readonly string[] | null
}

/** A project of its own, outside the workspace, that finds the workspace's packages. */
async function makeProject(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tasker-guide-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, include: ['.'] }),
  )
  return folder
}

async function writeDown(snippets: readonly Snippet[], folder: string): Promise<void> {
  for (const { file, text } of snippets) {
    await mkdir(dirname(join(folder, file)), { recursive: true })
    await writeFile(join(folder, file), text)
  }
}
