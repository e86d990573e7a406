// A small disk for Tasker's tables that can be filled: a tmpfs, where this machine lets us mount one (root, with the right to
// do it; few containers give it).
import { spawnSync } from 'node:child_process'
import { chownSync, closeSync, mkdirSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { ChaosStage } from './stage.ts'

export interface SmallDisk {
  /** Puts the tables of Tasker on it. */
  moveTables(): Promise<void>
  fill(): Promise<void>
  free(): Promise<void>
}

const diskMb = 48

/** Null when nothing can be mounted here. It goes with the stage. */
export async function mountSmallDisk(stage: ChaosStage): Promise<SmallDisk | null> {
  const mounted = join(stage.folder, 'small-disk')
  mkdirSync(mounted)
  const options = ['-t', 'tmpfs', '-o', `size=${diskMb}m`, 'tmpfs', mounted]
  if (spawnSync('mount', options, { stdio: 'ignore' }).status !== 0) return null
  const { uid, gid } = statSync(stage.server.address.host)
  const tables = join(mounted, 'tables')
  mkdirSync(tables, { mode: 0o700 })
  chownSync(tables, uid, gid)
  const filler = join(mounted, 'filler')
  await stage.ask(`create tablespace small_disk location '${tables}'`)
  stage.atClose(async () => {
    try {
      await moveTo(stage, 'pg_default')
      await stage.ask('checkpoint') // files of dropped relations are removed with it
      await stage.ask('drop tablespace small_disk')
    } finally {
      spawnSync('umount', ['--lazy', mounted])
    }
  })
  return {
    moveTables: () => moveTo(stage, 'small_disk'),
    async fill() {
      const file = openSync(filler, 'w')
      const megabyte = Buffer.alloc(2 ** 20)
      try {
        for (let written = 0; written <= diskMb; written += 1) writeSync(file, megabyte)
      } catch {
        // It is full.
      } finally {
        closeSync(file)
      }
    },
    async free() {
      rmSync(filler)
    },
  }
}

async function moveTo(stage: ChaosStage, place: string): Promise<void> {
  const rows = await stage.ask(
    `select format('alter %s %I.%I set tablespace ${place}',
       case relkind when 'i' then 'index' else 'table' end, nspname, relname) as move
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where nspname = 'tasker' and relkind in ('r', 'i')`,
  )
  for (const { move } of rows) await stage.ask(String(move))
}
