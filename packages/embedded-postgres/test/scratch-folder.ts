// A folder of its own for each test, removed afterwards together with the server on it.

import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { Client, type QueryResultRow } from 'pg'
import { onTestFinished } from 'vitest'

import { serverPaths, substituteHome } from '../src/layout.ts'
import { readPostmasterFile } from '../src/postmaster-file.ts'
import { isServerOn } from '../src/process-identity.ts'

/** Open to every user of the machine unless a mode says otherwise. */
export function scratchFolder({ mode = 0o755 }: { readonly mode?: number } = {}): string {
  const folder = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'tasker-embedded-')))
  fs.chmodSync(folder, mode)
  onTestFinished(() => {
    const home = join(folder, 'postgres')
    for (const place of [home, substituteHome(home)]) removeHome(place)
    fs.rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

/** Ends the server that a failed test left behind, then removes what it had. */
export function removeHome(home: string): void {
  const paths = serverPaths(home)
  const pid = readPostmasterFile(paths.data)?.pid
  if (pid !== undefined && isServerOn(pid, paths.data)) process.kill(pid, 'SIGKILL')
  for (const path of [home, paths.socket]) fs.rmSync(path, { recursive: true, force: true })
}

/** The process id of the server on `<folder>/postgres/data`, or null when none runs. */
export function serverPid(folder: string): number | null {
  return pidOn(join(folder, 'postgres', 'data'))
}

export function pidOn(dataFolder: string): number | null {
  const pid = readPostmasterFile(dataFolder)?.pid ?? null
  return pid !== null && isServerOn(pid, dataFolder) ? pid : null
}

export async function queryRows<Row extends QueryResultRow>(
  url: string,
  text: string,
): Promise<readonly Row[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Row>(text)).rows
  } finally {
    await client.end()
  }
}
