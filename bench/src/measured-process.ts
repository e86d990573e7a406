// The side of a measured process: what it says to the benchmark, what it hears, and what the work in it cost.
import type { ProcessReport, SaidByProcess, SaidToProcess } from './work.ts'

export function tell(message: SaidByProcess): void {
  process.send?.(message)
}

/** Ends with the benchmark, however that ends; and says what an error was before it ends the process. */
export function belongToBenchmark(): void {
  process.on('disconnect', () => process.exit())
  process.on('uncaughtExceptionMonitor', ({ message }) => tell({ kind: 'failed', message }))
}

/** Calls `react` each time the benchmark says this. */
export function onWord(word: SaidToProcess, react: () => void): void {
  process.on('message', (message) => {
    if (message === word) react()
  })
}

/** Resolves when the benchmark says this; ask before it can. */
export function told(word: SaidToProcess): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  onWord(word, resolve)
  return promise
}

export const cpuMs = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Of this process, the most it ever had. */
export const maxMemoryBytes = (): number => process.resourceUsage().maxRSS * 1024

/** What the work took; how many handlers ran is the caller's to count. */
export async function measured(
  work: () => Promise<unknown>,
): Promise<Pick<ProcessReport, 'tookMs' | 'cpuMs' | 'maxMemoryBytes'>> {
  const cpuBeforeMs = cpuMs()
  const startedMs = performance.now()
  await work()
  return {
    tookMs: performance.now() - startedMs,
    cpuMs: cpuMs() - cpuBeforeMs,
    maxMemoryBytes: maxMemoryBytes(),
  }
}
