// Folders that are hard to serve: long names, odd characters, copies, left-overs, and folders
// deleted in use.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { dirname, join } from 'node:path'

import { expect, test } from 'vitest'

import { startEmbeddedPostgres } from '../src/index.ts'
import { isServerOn } from '../src/process-identity.ts'
import { queryRows, removeHome, scratchFolder, serverPid } from './scratch-folder.ts'

const durability = 'unsafe_for_tests'

test('a folder whose path is too long for a socket gets a short socket folder of its own', async () => {
  const folder = join(scratchFolder(), 'deep'.repeat(20), 'deeper'.repeat(10))
  const server = await startEmbeddedPostgres({ folder, durability })
  expect(server.connection.host.startsWith(folder)).toBe(false)
  expect(Buffer.byteLength(join(server.connection.host, '.s.PGSQL.5432'))).toBeLessThanOrEqual(103)
  expect(fs.statSync(server.connection.host).mode & 0o777).toBe(0o700)
  expect(await queryRows(server.url, 'select 1 as one')).toEqual([{ one: 1 }])

  const again = await startEmbeddedPostgres({ folder, durability })
  expect([again.adopted, again.url]).toEqual([true, server.url])
  await Promise.all([server.release(), again.release()])
  removeHome(join(folder, 'postgres'))
})

test('a folder with spaces, quotes, commas and capitals works through the URL', async () => {
  const folder = join(scratchFolder(), `My "shop", it's é%`)
  const server = await startEmbeddedPostgres({ folder, durability })
  expect(await queryRows(server.url, 'select 1 as one')).toEqual([{ one: 1 }])
  await server.release()
})

test('a relative path and a link lead to the same server', async () => {
  const folder = scratchFolder()
  const link = join(scratchFolder(), 'link')
  fs.symlinkSync(folder, link)
  const server = await startEmbeddedPostgres({ folder, durability })
  const throughLink = await startEmbeddedPostgres({ folder: link, durability })
  expect([throughLink.adopted, throughLink.dataFolder]).toEqual([true, server.dataFolder])
  await Promise.all([server.release(), throughLink.release()])
})

test('a copied folder gets a server of its own, though its files lead to the original', async () => {
  const folder = scratchFolder()
  const original = await startEmbeddedPostgres({ folder, durability })
  await queryRows(original.url, 'create table marked as select 1 as one')
  await queryRows(original.url, 'checkpoint')
  const copyFolder = scratchFolder()
  fs.cpSync(join(folder, 'postgres'), join(copyFolder, 'postgres'), {
    recursive: true,
    preserveTimestamps: true,
    filter: (path) => !path.endsWith('.s.PGSQL.5432'),
  })
  const { uid, gid } = fs.statSync(original.dataFolder)
  chownAll(join(copyFolder, 'postgres', 'data'), uid, gid)

  const originalPid = serverPid(folder)
  await original.release()
  const restarted = await startEmbeddedPostgres({ folder, durability })
  // The copy's postmaster.pid now names the live server of the original.
  copyPid(folder, copyFolder)
  const copy = await startEmbeddedPostgres({ folder: copyFolder, durability })
  expect(originalPid).not.toBeNull()
  expect(copy.adopted).toBe(false)
  expect(serverPid(copyFolder)).not.toBe(serverPid(folder))
  expect(await queryRows(copy.url, 'select one from marked')).toEqual([{ one: 1 }])
  await Promise.all([restarted.release(), copy.release()])
})

test('a left-over postmaster.pid with the number of a stranger’s process does not block', async () => {
  const folder = scratchFolder()
  const first = await startEmbeddedPostgres({ folder, durability })
  const { uid, gid } = fs.statSync(first.dataFolder)
  const pidFile = join(first.dataFolder, 'postmaster.pid')
  const running = fs.readFileSync(pidFile, 'utf8')
  const socketLock = fs.readFileSync(join(first.connection.host, '.s.PGSQL.5432.lock'), 'utf8')
  await first.release()

  // The same user as the server's, as after a reboot: PostgreSQL by itself would refuse to start.
  const stranger = spawn('sleep', ['600'], { uid, gid })
  await once(stranger, 'spawn')
  const leaveBehind = (path: string, text: string) => {
    fs.writeFileSync(path, text.replace(/^\d+/, String(stranger.pid)), { mode: 0o600 })
    fs.chownSync(path, uid, gid)
  }
  leaveBehind(pidFile, running)
  leaveBehind(join(first.connection.host, '.s.PGSQL.5432.lock'), socketLock)

  const second = await startEmbeddedPostgres({ folder, durability })
  expect(second.adopted).toBe(false)
  expect(await queryRows(second.url, 'select 1 as one')).toEqual([{ one: 1 }])
  await second.release()
  expect(stranger.exitCode).toBeNull()
  stranger.kill()
})

test('initdb that was killed leaves nothing that blocks', async () => {
  const folder = scratchFolder()
  const rubbish = join(folder, 'postgres', 'data-draft-00000000')
  fs.mkdirSync(join(rubbish, 'base'), { recursive: true })
  const server = await startEmbeddedPostgres({ folder, durability })
  expect(fs.existsSync(rubbish)).toBe(false)
  await server.release()
})

test('releasing stops the server even when its folder was deleted', async () => {
  const folder = scratchFolder()
  const server = await startEmbeddedPostgres({ folder, durability })
  const pid = serverPid(folder) ?? 0
  expect(isServerOn(pid, server.dataFolder)).toBe(true)
  fs.rmSync(folder, { recursive: true, force: true })
  await server.release()
  expect(isServerOn(pid, server.dataFolder)).toBe(false)
})

test('a folder deleted in use gives way to a fresh server, which keeps its socket', async () => {
  const folder = scratchFolder()
  const old = await startEmbeddedPostgres({ folder, durability })
  const oldPid = serverPid(folder) ?? 0
  fs.rmSync(folder, { recursive: true, force: true })
  fs.mkdirSync(folder)

  const fresh = await startEmbeddedPostgres({ folder, durability })
  expect([fresh.adopted, fresh.url]).toEqual([false, old.url])
  expect(isServerOn(oldPid, old.dataFolder)).toBe(false)
  expect(await queryRows(fresh.url, 'select 1 as one')).toEqual([{ one: 1 }])
  await Promise.all([old.release(), fresh.release()])
  expect(serverPid(folder)).toBeNull()
})

test('what the folder holds is hidden from git', async () => {
  const folder = scratchFolder()
  const server = await startEmbeddedPostgres({ folder, durability })
  expect(fs.readFileSync(join(folder, 'postgres', '.gitignore'), 'utf8')).toBe('*\n')
  expect(dirname(server.dataFolder)).toBe(join(folder, 'postgres'))
  await server.release()
})

function copyPid(from: string, to: string): void {
  const name = join('postgres', 'data', 'postmaster.pid')
  const { uid, gid } = fs.statSync(join(from, name))
  fs.copyFileSync(join(from, name), join(to, name))
  fs.chownSync(join(to, name), uid, gid)
}

function chownAll(folder: string, uid: number, gid: number): void {
  fs.chownSync(folder, uid, gid)
  for (const name of fs.readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    fs.lchownSync(join(folder, name), uid, gid)
  }
}
