// Into a file: written beside its place and then put there, so that whoever reads never finds half of it.
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { randomUUID } from 'node:crypto'
import type { RenderedMetrics } from '../exporter.ts'
import { DeliveryError, type Delivered, type Shipment } from './delivery.ts'

export interface FilePlace {
  readonly storageRoot: string
  /** Always the same file, for node_exporter's textfile collector. Undefined: one for each export, by its time. */
  readonly path?: string | undefined
}

/** @throws {DeliveryError} */
export async function toFile(
  { storageRoot, path }: FilePlace,
  { rendered, ...named }: Pick<Shipment, 'rendered'> & Named,
): Promise<Delivered> {
  if (rendered === null) throw new DeliveryError('refused', 'its exporter renders nothing')
  const place =
    path === undefined
      ? join(resolve(storageRoot), fileName(rendered, named))
      : resolve(storageRoot, path)
  // Not ending as what a collector looks for.
  const beside = join(dirname(place), `.${randomUUID()}.part`)
  try {
    await mkdir(dirname(place), { recursive: true })
    await writeFile(beside, rendered.body, { flag: 'wx' })
    await rename(beside, place)
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined)
    // A disk may have room again.
    throw new DeliveryError('passing', error instanceof Error ? error.message : String(error))
  }
  return {
    destination: place,
    bytes: Buffer.byteLength(rendered.body),
    droppedCount: 0,
    fault: null,
  }
}

type Named = Pick<Shipment, 'instance' | 'plannedAt' | 'exportId'>

/**
 * `metrics_export_web-01-4711_20260102_030405_0f3a9c21.json`: one process may be told from another, one time from the next, and
 * one export from another in the same second.
 */
export function fileName(
  { format }: Pick<RenderedMetrics, 'format'>,
  { instance, plannedAt, exportId }: Named,
): string {
  const [day = '', time = ''] = plannedAt.toISOString().split('T')
  const at = `${day.replaceAll('-', '')}_${time.slice(0, 8).replaceAll(':', '')}`
  const name = `metrics_export_${inPath(instance)}_${at}_${exportId.slice(0, 8)}`
  return `${name}.${endings[format] ?? inPath(format)}`
}

const endings: Readonly<Record<string, string>> = { prometheus: 'prom', openmetrics: 'txt' }

/** Host names and formats come from outside: nothing of them leads elsewhere. */
const inPath = (text: string): string => text.replaceAll(/[^a-zA-Z0-9_-]+/g, '_')
