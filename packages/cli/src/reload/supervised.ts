// The channel of a process that runs steps for `tasker dev` to the one that started it; the other end is runner-process.ts.
import { untilAborted } from '../stop-signals.ts'
import type { Failure } from '../failure.ts'
import { placeOfDefinition } from '../load-fault.ts'
import { recordLoadedFiles } from './loaded-files.ts'
import type { FromRunner, ToRunner } from './messages.ts'

export interface SupervisorLink {
  /** Aborted when newer code takes over. */
  readonly drain: AbortSignal
  readonly hasPrepared: () => boolean
  /** Resolves when told to begin, or to end. */
  readonly prepared: (definitionCount: number, end: AbortSignal) => Promise<void>
  readonly failed: (failure: Failure) => Promise<void>
  readonly serving: () => void
  readonly draining: () => void
  /** Told to stop, or left alone. Until this is called, either ends the process. */
  readonly onStop: (stop: () => void) => void
  readonly onSay: (say: (text: string) => void) => void
}

/** Files that are loaded from now on are what the other process looks at. */
export function joinSupervisor(): SupervisorLink {
  const loaded = recordLoadedFiles()
  const drain = new AbortController()
  const start = new AbortController()
  let hasPrepared = false
  let stop = (): void => process.exit(1)
  let say = (_text: string): void => undefined
  process.on('message', (message) => {
    const told = message as ToRunner // both ends are this program
    switch (told.kind) {
      case 'start':
        return start.abort()
      case 'drain':
        return drain.abort()
      case 'stop':
        return stop()
      case 'say':
        return say(told.text)
      default:
        return told satisfies never
    }
  })
  process.on('disconnect', () => stop())
  return {
    drain: drain.signal,
    hasPrepared: () => hasPrepared,
    async prepared(definitionCount, end) {
      hasPrepared = true
      await send({ kind: 'prepared', files: loaded.stamps(), definitionCount })
      await untilAborted(AbortSignal.any([start.signal, end]))
    },
    async failed(failure) {
      const files = loaded.stamps()
      await send({ kind: 'failed', files, failure: placed(failure, Object.keys(files)) })
    },
    serving: () => void send({ kind: 'serving' }),
    draining: () => void send({ kind: 'draining' }),
    onStop(listener) {
      stop = listener
    },
    onSay(listener) {
      say = listener
    },
  }
}

/** Faults of a whole definition come without a line. */
function placed(failure: Failure, paths: readonly string[]): Failure {
  const isOfDefinition = failure.code.startsWith('DEFINITION_') && failure.advice.length === 0
  const place = isOfDefinition ? placeOfDefinition(failure.message, paths) : null
  return place === null ? failure : { ...failure, advice: [`defined at ${place}`] }
}

async function send(message: FromRunner): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  if (process.connected) process.send?.(message, undefined, {}, () => resolve())
  else resolve()
  await promise
}
