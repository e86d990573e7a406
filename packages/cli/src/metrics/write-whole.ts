// Writes a file so that whoever reads it sees the old one or the new one, never a part.
import { randomUUID } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'
import { MetricsFault } from './metrics-fault.ts'

/** @throws {MetricsFault} EXPORT_FAILED */
export async function writeWhole(path: string, body: string | Uint8Array): Promise<void> {
  const beside = `${path}.${randomUUID()}.part`
  try {
    await writeFile(beside, body)
    await rename(beside, path)
  } catch (error) {
    await rm(beside, { force: true })
    const reason = error instanceof Error ? error.message : String(error)
    throw new MetricsFault(
      'EXPORT_FAILED',
      `The metrics cannot be written to ${path}: ${reason}.`,
      'Name a file in a folder that is there and that you may write to.',
    )
  }
}
