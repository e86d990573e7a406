// What the figures were measured on and with: the machine, Node, the server and its settings, and which sources.
import { spawnSync } from 'node:child_process'
import { availableParallelism, cpus, release, totalmem, type } from 'node:os'
import { z } from 'zod'
import type { BenchServer } from './server.ts'

export const machineSchema = z.object({
  cpu: z.string(),
  cores: z.number().int(),
  memoryGb: z.number(),
  system: z.string(),
  node: z.string(),
  postgres: z.string(),
  settings: z.record(z.string(), z.string()),
  /** Of the repository; `changed` when it was measured with changes that are not committed. */
  commit: z.string(),
})

export type Machine = z.infer<typeof machineSchema>

export function describeMachine(server: BenchServer): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    system: `${type()} ${release()} ${process.arch}`,
    node: process.versions.node,
    postgres: server.version,
    settings: server.settings,
    commit: commitOf(),
  }
}

function commitOf(): string {
  const git = (...asked: readonly string[]): string | null => {
    const { status, stdout } = spawnSync('git', asked, {
      cwd: import.meta.dirname,
      encoding: 'utf8',
    })
    return status === 0 ? stdout.trim() : null
  }
  const commit = git('rev-parse', '--short=12', 'HEAD')
  if (commit === null) return 'unknown'
  // What was measured before lies in bench/results; it changes nothing of what is measured now.
  const changed = git(
    'status',
    '--porcelain',
    '--untracked-files=no',
    '--',
    ':/',
    ':!/bench/results',
  )
  return changed === '' ? commit : `${commit}, changed`
}
