// The lock: one holder, whoever dies.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { takeLock, tryLock } from '../src/lock.ts'
import { ownIdentity } from '../src/process-identity.ts'
import { countUses, registerUse } from '../src/users.ts'
import { scratchFolder } from './scratch-folder.ts'

test('a held lock is refused, a released one is given', () => {
  const folder = scratchFolder()
  const held = tryLock(folder)
  expect(held).not.toBeNull()
  expect(tryLock(folder)).toBeNull()
  held?.release()
  expect(tryLock(folder)).not.toBeNull()
})

test('waiting for a live holder ends with its number', async () => {
  const folder = scratchFolder()
  tryLock(folder)
  await expect(takeLock(folder, { timeoutMs: 20 })).rejects.toMatchObject({
    code: 'LOCK_TIMEOUT',
    details: { pid: process.pid },
  })
})

test('the lock of a killed process is free at once', async () => {
  const folder = scratchFolder()
  const child = spawn(process.execPath, [
    '--conditions=@tasker/source',
    '--input-type=module',
    '--eval',
    `import { tryLock } from ${JSON.stringify(new URL('../src/lock.ts', import.meta.url).href)}
     console.log(tryLock(${JSON.stringify(folder)}) !== null)
     setInterval(() => {}, 60_000)`,
  ])
  await once(child.stdout, 'data')
  expect(tryLock(folder)).toBeNull()
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(tryLock(folder)).not.toBeNull()
})

test('a holder whose number went to another process counts as gone', () => {
  const folder = scratchFolder()
  const stranger = { pid: process.ppid, startedAt: ownIdentity().startedAt }
  fs.writeFileSync(join(folder, '7'), JSON.stringify(stranger))
  expect(tryLock(folder)).not.toBeNull()
})

test('a hundred contenders in turn never meet, and leave few files', async () => {
  const folder = scratchFolder()
  let inside = 0
  let most = 0
  await Promise.all(
    Array.from({ length: 100 }, async () => {
      const lock = await takeLock(folder, { timeoutMs: 60_000 })
      inside += 1
      most = Math.max(most, inside)
      await Promise.resolve()
      inside -= 1
      lock.release()
    }),
  )
  expect(most).toBe(1)
  expect(fs.readdirSync(folder).length).toBeLessThanOrEqual(9)
})

test('uses are counted while their process lives', () => {
  const folder = scratchFolder()
  const first = registerUse(folder)
  const second = registerUse(folder)
  fs.writeFileSync(join(folder, 'dead'), JSON.stringify({ pid: process.pid, startedAt: 'earlier' }))
  fs.writeFileSync(join(folder, 'torn'), '{"pid":')
  expect(countUses(folder)).toBe(2)
  first.end()
  first.end()
  expect(countUses(folder)).toBe(1)
  second.end()
  expect(fs.readdirSync(folder)).toEqual([])
})
