// What processes share through the store, as the configuration and the store have it. Who shares, and who exports, asks here.
import { TaskerError } from '../errors.ts'
import type { CacheStrategy } from './capabilities.ts'

/** `auto`: where the store is one for all. `on`: nothing starts where it is not. `off`: not. */
export type Automatic = 'auto' | 'on' | 'off'

export interface SharingOptions {
  readonly crossContainerCoordination: Automatic
  readonly distributedExport: Automatic
}

export interface Sharing {
  /** Processes put their metrics into the store, and read those of the others. */
  readonly sharesMetrics: boolean
  /** An export that names no scope tells of all processes. */
  readonly exportsAll: boolean
}

/** @throws {TaskerError} CACHE_NOT_SHARED when an option is `on` that cannot be */
export function sharingOf(
  { crossContainerCoordination, distributedExport }: SharingOptions,
  { storeClass, coordination }: Pick<CacheStrategy, 'storeClass' | 'coordination'>,
): Sharing {
  const isShared = coordination !== 'local_only'
  const refuse = (option: string, why: string): never => {
    throw new TaskerError('CACHE_NOT_SHARED', `telemetry.${option} is on, and ${why}.`, {
      option: `telemetry.${option}`,
      storeClass,
      coordination,
    })
  }
  const local = `each process has a ${storeClass} of its own`
  if (crossContainerCoordination === 'on' && !isShared) refuse('crossContainerCoordination', local)
  const sharesMetrics = isShared && crossContainerCoordination !== 'off'
  if (distributedExport === 'on' && !sharesMetrics)
    refuse('distributedExport', isShared ? 'telemetry.crossContainerCoordination is off' : local)
  return { sharesMetrics, exportsAll: sharesMetrics && distributedExport !== 'off' }
}
