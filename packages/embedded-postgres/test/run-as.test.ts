// As whom the server runs. The tests for root need root, as in most containers; elsewhere the first
// one runs alone.

import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, onTestFinished, test, vi } from 'vitest'

import { chooseBinaries, platformPackage } from '../src/binaries.ts'
import { createDataFolder } from '../src/data-folder.ts'
import { startEmbeddedPostgres } from '../src/index.ts'
import { prepareControl, serverPaths, substituteHome } from '../src/layout.ts'
import { placeServer } from '../src/placement.ts'
import { isRoot, unprivilegedUser } from '../src/run-as.ts'
import { startHolder } from './holder-process.ts'
import { pidOn, queryRows, scratchFolder, serverPid } from './scratch-folder.ts'

/** A user without rights that every Unix has, other than nobody. */
const daemonUid = 1

test('without root the server runs as ourselves, in a folder closed to all others', async () => {
  const folder = scratchFolder({ mode: 0o700 })
  if (isRoot()) fs.chownSync(folder, daemonUid, daemonUid)
  const holder = await startHolder(folder, isRoot() ? { uid: daemonUid } : {})
  const uid = isRoot() ? daemonUid : process.getuid?.()
  expect(fs.statSync(holder.held.dataFolder).uid).toBe(uid)
  expect(uidOfServer(folder)).toBe(uid)
  expect(await queryRows(holder.held.url, 'select 1 as one')).toEqual([{ one: 1 }])
  await holder.tell('release')
  expect(serverPid(folder)).toBeNull()
})

describe.runIf(isRoot())('under root', () => {
  const nobody = unprivilegedUser('/no/such/folder')

  test('the server runs as nobody', async () => {
    const folder = scratchFolder()
    const server = await startEmbeddedPostgres({ folder })
    expect([uidOfServer(folder), rightsOfServer(folder)]).toEqual([nobody.uid, '0'])
    await server.release()
  })

  test('it may pass a folder that is closed to others, with no other rights of root', async () => {
    const folder = join(scratchFolder({ mode: 0o700 }), 'project')
    const notices: string[] = []
    const onNotice = (line: string) => notices.push(line)
    const server = await startEmbeddedPostgres({ folder, onNotice })
    expect(server.dataFolder).toBe(join(folder, 'postgres', 'data'))
    // dac_override is bit 1, dac_read_search bit 2.
    expect([uidOfServer(folder), rightsOfServer(folder)]).toEqual([nobody.uid, '6'])
    expect(notices).toEqual([])
    expect(await queryRows(server.url, 'select 1 as one')).toEqual([{ one: 1 }])

    process.kill(serverPid(folder) ?? 0, 'SIGKILL')
    const again = await startEmbeddedPostgres({ folder })
    expect(again.adopted).toBe(false)
    await Promise.all([server.release(), again.release()])
  })

  test('without setpriv the data goes to a temporary folder, which one line says', async () => {
    const folder = scratchFolder({ mode: 0o700 })
    const path = folderWithout('setpriv')
    const first = await startHolder(folder, { path })
    const { dataFolder, notices } = first.held
    expect(dataFolder.startsWith(join(fs.realpathSync(tmpdir()), 'tasker-postgres-'))).toBe(true)
    expect(notices).toHaveLength(1)
    expect(notices[0]).toMatch(/^PostgreSQL does not run as root.*\.$/)
    expect(notices[0]).toContain(dataFolder)
    await queryRows(first.held.url, 'create table kept as select 42 as answer')

    const second = await startHolder(folder, { path })
    expect([second.held.adopted, second.held.dataFolder]).toEqual([true, dataFolder])
    await first.tell('release')
    await second.tell('release')
    expect(pidOn(dataFolder)).toBeNull()

    // Once there, it stays there, even when setpriv could now serve the folder itself.
    const third = await startHolder(folder)
    expect([third.held.adopted, third.held.dataFolder]).toEqual([false, dataFolder])
    expect(await queryRows(third.held.url, 'select answer from kept')).toEqual([{ answer: 42 }])
    await third.tell('release')
  })

  test('programs that nobody can reach are copied beside the data', async () => {
    const folder = scratchFolder({ mode: 0o700 })
    vi.stubEnv('PATH', folderWithout('setpriv'))
    onTestFinished(() => void vi.unstubAllEnvs())
    const native = join(folder, 'package', 'native')
    fs.cpSync(new URL('../native', import.meta.resolve(platformPackage())), native, {
      recursive: true,
      verbatimSymlinks: true,
    })
    const found = { origin: 'closed package', bin: join(native, 'bin'), native }
    const control = prepareControl(folder)
    const wanted = serverPaths(control.home)
    const binaries = await chooseBinaries([found], {
      dataMajor: null,
      linksFolder: wanted.libraries,
    })

    const placement = await placeServer(control, wanted, binaries)
    expect(placement.paths.home).toBe(substituteHome(control.home))
    expect(placement.binaries.bin.startsWith(placement.paths.home)).toBe(true)
    await createDataFolder(placement.paths.data, placement.binaries, {
      runAs: placement.runAs,
      durability: 'unsafe_for_tests',
    })
    expect(fs.statSync(placement.paths.data).uid).toBe(nobody.uid)
  })

  test('data that can no longer be reached is an error, not an empty database elsewhere', async () => {
    const folder = scratchFolder({ mode: 0o700 })
    const server = await startEmbeddedPostgres({ folder })
    await server.release()
    await expect(startHolder(folder, { path: folderWithout('setpriv') })).rejects.toThrow(
      /cannot use .*data .*no other user can reach it/,
    )
  })

  test('root starts the server of another user as that user, who can use it afterwards', async () => {
    const folder = scratchFolder()
    fs.chownSync(folder, daemonUid, daemonUid)
    const owner = await startHolder(folder, { uid: daemonUid })
    await owner.tell('release')

    const server = await startEmbeddedPostgres({ folder })
    expect(uidOfServer(folder)).toBe(daemonUid)
    await server.release()
    const again = await startHolder(folder, { uid: daemonUid })
    expect(again.held.adopted).toBe(false)
    await again.tell('release')
  })

  test('a user who may not use the folder is told so', async () => {
    const folder = scratchFolder()
    const server = await startEmbeddedPostgres({ folder })
    await server.release()
    await expect(startHolder(folder, { uid: daemonUid })).rejects.toThrow(
      /\(uid 1\) cannot write to .*postgres/,
    )
  })

  test('a socket folder that somebody else took is refused', async () => {
    const folder = join(scratchFolder(), 'long'.repeat(25))
    const probe = await startEmbeddedPostgres({ folder, durability: 'unsafe_for_tests' })
    await probe.release()
    const taken = probe.connection.host
    fs.rmSync(taken, { recursive: true })
    fs.mkdirSync(taken)
    fs.chownSync(taken, daemonUid, daemonUid)
    try {
      const failing = startEmbeddedPostgres({ folder })
      await expect(failing).rejects.toMatchObject({ code: 'FOLDER_UNREACHABLE' })
      await expect(failing).rejects.toThrow(`${taken} is taken by uid ${daemonUid}`)
    } finally {
      fs.rmSync(taken, { recursive: true })
    }
  })
})

function uidOfServer(folder: string): number {
  return fs.statSync(`/proc/${serverPid(folder)}`).uid
}

/** The effective capabilities, as the kernel writes them, without leading zeros. */
function rightsOfServer(folder: string): string {
  const status = fs.readFileSync(`/proc/${serverPid(folder)}/status`, 'utf8')
  return (/CapEff:\t0*(\S+)/.exec(status)?.[1] ?? '') || '0'
}

/**
 * A PATH with nothing on it. The programs that the package needs by name are found by their full
 * path.
 */
function folderWithout(program: string): string {
  const folder = scratchFolder()
  expect(fs.readdirSync(folder)).not.toContain(program)
  return folder
}
