// The way to prom-client: an optional package, loaded only when metrics are asked for.
import { TaskerError } from '../../errors.ts'

export type PromClient = typeof import('prom-client')

/** @throws {TaskerError} METRICS_UNAVAILABLE when it is not installed */
export async function loadClient(): Promise<PromClient> {
  try {
    const { default: client } = await import('prom-client')
    return client
  } catch (error) {
    const isMissing =
      error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
    if (!isMissing || !error.message.includes('prom-client')) throw error
    throw new TaskerError(
      'METRICS_UNAVAILABLE',
      'Metrics were asked for, and prom-client is not installed.',
      {},
      error,
    )
  }
}
