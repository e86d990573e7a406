// What `tasker dev` looks at may be in any state while it is saved, moved or checked out.
import { mkdtemp, rm, symlink, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { changedSince, stampAll } from '../src/reload/file-stamps.ts'

test('what cannot be looked at is like any other change, and so is that it can again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tasker-stamps-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const path = join(folder, 'handlers.ts')
  await writeFile(path, 'one')
  const readable = stampAll([path])
  await unlink(path)
  await symlink(path, path)
  expect(changedSince(readable)).toEqual([path])
  const unreadable = stampAll([path])
  expect(changedSince(unreadable)).toEqual([])
  await unlink(path)
  await writeFile(path, 'two')
  expect(changedSince(unreadable)).toEqual([path])
})
