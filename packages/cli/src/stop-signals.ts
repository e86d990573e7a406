// The end of a long-running command: the first signal asks it to stop in stages, a second one ends
// the process at once.
import { constants } from 'node:os'
import { systemClock } from '@tasker/engine'

const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * npm passes Ctrl-C on to a program that the terminal has told already, so one key press arrives
 * twice, milliseconds apart. What comes within this time is the same request.
 */
const sameRequestMs = 500

export interface StopSignals {
  /** Aborted by the first signal. */
  readonly requested: AbortSignal
  /** As the first signal; after one, nothing. */
  request(): void
  /** Resolves at the first signal; keeps the process alive until then. */
  untilRequested(): Promise<void>
  /** Back to what Node does by itself. */
  dispose(): void
}

export function listenForStop(onRequest: () => void): StopSignals {
  const controller = new AbortController()
  let requestedAtMs: number | null = null
  const receive = (signal: NodeJS.Signals): void => {
    const nowMs = systemClock.monotonicMs()
    if (requestedAtMs === null) {
      requestedAtMs = nowMs
      onRequest()
      controller.abort()
    } else if (nowMs - requestedAtMs >= sameRequestMs) {
      process.exit(128 + constants.signals[signal])
    }
  }
  for (const signal of stopSignals) process.on(signal, receive)
  return {
    requested: controller.signal,
    request() {
      if (requestedAtMs === null) receive('SIGTERM')
    },
    untilRequested: () => untilAborted(controller.signal),
    dispose() {
      for (const signal of stopSignals) process.off(signal, receive)
    },
  }
}

/** Keeps the process alive until then. */
export async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  const { promise, resolve } = Promise.withResolvers<void>()
  // The engine's own timers do not keep a process alive, on purpose; here somebody must.
  const alive = setInterval(() => undefined, 2_147_483_647)
  signal.addEventListener('abort', () => resolve(), { once: true })
  await promise
  clearInterval(alive)
}
