// Ends what takes too long. Whoever is waited for is told by the signal, and if he does not hear it nobody waits for him: the
// process of the command ends either way.
import { formatDuration } from '@tasker/engine'
import { MetricsFault } from './metrics-fault.ts'

/** @throws {MetricsFault} TIME_OVER */
export async function inTime<Result>(
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const signal = AbortSignal.timeout(timeoutMs)
  const { promise: over, reject } = Promise.withResolvers<never>()
  const giveUp = (): void => reject(timeOver(timeoutMs))
  signal.addEventListener('abort', giveUp, { once: true })
  try {
    return await Promise.race([work(signal), over])
  } catch (error) {
    throw signal.aborted ? timeOver(timeoutMs) : error
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}

const timeOver = (timeoutMs: number): MetricsFault =>
  new MetricsFault(
    'TIME_OVER',
    `It was not done within ${formatDuration(timeoutMs)}.`,
    'Give it longer with --timeout, or see with `tasker doctor` whether the database and the store answer.',
  )
