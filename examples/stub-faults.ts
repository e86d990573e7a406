// What may go wrong between a step and the system that it calls, as data, and what that does to an answer.
import type { ServerResponse } from 'node:http'
import { setTimeout as elapse } from 'node:timers/promises'
import type { StubAnswer, StubCall } from './stub-system.ts'

export interface StubFault {
  /** Answers this in place of what the route would: a status, `retry-after`, a body that makes no sense. */
  readonly answer?: StubAnswer
  /** `reset` ends the connection without an answer, `cut` in the midst of one, and `hang` never answers. */
  readonly connection?: 'reset' | 'cut' | 'hang'
  /** True: the system acts before it fails. The money is taken, and nobody hears of it. Default false. */
  readonly isActedOn?: boolean
  /** Waits before anything else. Alone, it is a slow system that answers as usual. */
  readonly delayMs?: number
  /** Calls that it happens to, then the system is well. Default: all. */
  readonly times?: number
  /** What `times` counts: all calls of the route, or those of each idempotency key. Default `route`. */
  readonly timesOf?: 'route' | 'key'
  /** Only calls of which this is true. */
  readonly when?: (call: StubCall) => boolean
}

interface Injected {
  readonly route: string
  readonly fault: StubFault
  /** How often it has happened, by what `timesOf` says. */
  readonly counts: Map<string, number>
}

/** The faults of one system. */
export class FaultList {
  #list: Injected[] = []

  add(route: string, fault: StubFault): () => void {
    const injected = { route, fault, counts: new Map<string, number>() }
    this.#list.push(injected)
    return () => {
      this.#list = this.#list.filter((other) => other !== injected)
    }
  }

  clear(): void {
    this.#list = []
  }

  /** The fault that this call meets, counted; null: none. */
  take(call: StubCall): StubFault | null {
    for (const { route, fault, counts } of this.#list) {
      if (route !== call.route || fault.when?.(call) === false) continue
      const counted = fault.timesOf === 'key' ? (call.headers['idempotency-key'] ?? '') : ''
      const count = (counts.get(counted) ?? 0) + 1
      if (fault.times !== undefined && count > fault.times) continue
      counts.set(counted, count)
      // A delay alone leaves the system as it is.
      const isOnlySlow = fault.answer === undefined && fault.connection === undefined
      return isOnlySlow ? { ...fault, isActedOn: true } : fault
    }
    return null
  }
}

/** Does what the fault says to the connection. `lost`: there is nothing left to answer on. */
export async function breakAnswer(
  response: ServerResponse,
  { delayMs = 0, connection, answer: instead }: StubFault,
  answer: StubAnswer | null,
): Promise<'lost' | 'open'> {
  if (delayMs > 0) await elapse(delayMs, undefined, { ref: false })
  switch (connection) {
    case 'hang':
      return 'lost' // who asked gives up, or the system is closed
    case 'reset':
      response.socket?.resetAndDestroy()
      return 'lost'
    case 'cut': {
      const { status = 200, body = 'cut off' } = instead ?? answer ?? {}
      const text = JSON.stringify(body)
      response.writeHead(status, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
      })
      response.write(text.slice(0, text.length / 2), () => response.socket?.destroySoon())
      return 'lost'
    }
    case undefined:
      return 'open'
    default:
      return connection satisfies never
  }
}
