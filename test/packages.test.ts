// The packages as a user gets them: packed, checked by publint and attw, installed into an empty project without install
// scripts, their types read strictly there, and the README's programs run.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run, runOrThrow } from './programs.ts'
import { printedLines, printsOf, readSnippets } from './readme-snippets.ts'
import { root } from '../tools/run-program.ts'

const packages = ['engine', 'embedded-postgres', 'server', 'cli'] as const
type PackageName = (typeof packages)[number]

interface Packed {
  readonly filename: string
  readonly files: readonly { readonly path: string }[]
}

const emptyProject = {
  name: 'empty-project',
  version: '1.0.0',
  private: true,
  type: 'module',
}

let scratch = ''
const tarballs = new Map<PackageName, string>()
const contents = new Map<PackageName, readonly string[]>()

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'tasker-packages-'))
  // From nothing: a file deleted from src would otherwise still be packed from dist.
  const folders = packages.map((name) => join('packages', name))
  for (const folder of folders)
    await rm(join(root, folder, 'dist'), { recursive: true, force: true })
  await runOrThrow('tsc', ['-b', '--force', ...folders])
  for (const name of packages) {
    const folder = join(root, 'packages', name)
    const printed = await runOrThrow(
      'npm',
      ['pack', '--json', '--pack-destination', scratch],
      folder,
    )
    const packed = readPacked(printed)
    tarballs.set(name, join(scratch, packed.filename))
    contents.set(
      name,
      packed.files.map((file) => file.path),
    )
  }
})

afterAll(async () => {
  await rm(scratch, { recursive: true, force: true })
})

describe.for(packages)('@tasker/%s', (name) => {
  test('publint has nothing to say', async () => {
    const { exitCode, output } = await run('publint', ['run', tarballOf(name), '--strict'])
    expect({ exitCode, output }).toMatchObject({ exitCode: 0 })
  })

  test('the types are right for every way of importing ESM', async () => {
    const options = [tarballOf(name), '--profile', 'esm-only', '--no-color', '--no-emoji']
    const { exitCode, output } = await run('attw', options)
    expect({ exitCode, output }).toMatchObject({ exitCode: 0 })
  })

  test('it carries its build, its sources and its licence, and no tests', () => {
    const files = contents.get(name) ?? []
    expect(files).toEqual(
      expect.arrayContaining([
        'package.json',
        'LICENSE',
        'dist/index.js',
        'dist/index.d.ts',
        'src/index.ts',
      ]),
    )
    expect(files.filter((path) => /(^|\/)test\/|\.test\.|tsbuildinfo/.test(path))).toEqual([])
  })
})

describe('in an empty project', () => {
  let project = ''

  beforeAll(async () => {
    project = join(scratch, 'project')
    await mkdir(project)
    await writeFile(join(project, 'package.json'), JSON.stringify(emptyProject))
    // All at once: they name each other by version, and no registry has that version yet.
    const everything = [
      ...packages.map(tarballOf),
      `@types/node@${await pinnedVersion('@types/node')}`,
    ]
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline']
    await runOrThrow('npm', ['install', ...options, ...everything], project)
  })

  test('each package can be imported and required', async () => {
    for (const name of packages) {
      const imported = `console.log(Object.keys(await import('@tasker/${name}')).length > 0)`
      const required = `console.log(Object.keys(require('@tasker/${name}')).length > 0)`
      expect(await runOrThrow('node', ['--input-type=module', '-e', imported], project)).toBe(
        'true\n',
      )
      expect(await runOrThrow('node', ['--input-type=commonjs', '-e', required], project)).toBe(
        'true\n',
      )
    }
  })

  test('the declarations stand strict reading, without skipLibCheck', async () => {
    const lines = packages.map(
      (name, at) => `import * as p${at} from '@tasker/${name}'\nvoid p${at}\n`,
    )
    await writeFile(join(project, 'consumer.ts'), lines.join(''))
    const strict = ['--strict', '--exactOptionalPropertyTypes', '--skipLibCheck', 'false']
    const modern = ['--module', 'nodenext', '--target', 'es2023', '--types', 'node', '--noEmit']
    const { output } = await run('tsc', [...strict, ...modern, 'consumer.ts'], project)
    expect(output).toBe('')
  })

  test('the command prints its version', async () => {
    const bin = join(project, 'node_modules', '.bin', 'tasker')
    expect((await runOrThrow(bin, ['--version'], project)).trim()).toMatch(/^\d+\.\d+\.\d+/)
  })

  test('the README’s programs run', async () => {
    const snippets = readSnippets(await readFile(join(root, 'README.md'), 'utf8'))
    expect(snippets.filter((snippet) => snippet.isRun)).not.toEqual([])
    for (const { file, text } of snippets) {
      await mkdir(dirname(join(project, file)), { recursive: true })
      await writeFile(join(project, file), text)
    }
    for (const { file, text } of snippets.filter((snippet) => snippet.isRun)) {
      const { exitCode, output } = await run('node', [file], project)
      expect({ exitCode, output }).toMatchObject({ exitCode: 0, output })
      expect(printedLines(output)).toEqual(printsOf(text))
    }
  })
})

function tarballOf(name: PackageName): string {
  return tarballs.get(name) ?? `${name} was not packed`
}

/** npm 10 and 11 print a list, npm 12 an object keyed by package. */
function readPacked(printed: string): Packed {
  const answer = JSON.parse(printed) as readonly Packed[] | Readonly<Record<string, Packed>> // npm's own format
  const [packed] = Object.values(answer)
  if (packed === undefined) throw new Error(`npm pack answered ${printed}`)
  return packed
}

async function pinnedVersion(name: string): Promise<string> {
  const text = await readFile(join(root, 'package.json'), 'utf8')
  const manifest = JSON.parse(text) as { devDependencies: Record<string, string> } // our own file
  return manifest.devDependencies[name] ?? 'latest'
}
