// Looks after a server that this process uses: notices that it has died and has it started again. How that is done is the
// caller's; here is when.

import { messageOf } from './error.ts'

export interface Supervised {
  readonly isAlive: () => boolean
  /** Starts the server again. Answers with what is worth saying; null when another process had done it already. */
  readonly revive: () => Promise<string | null>
  readonly onNotice: (line: string) => void
}

export interface Supervision {
  /** Looks no more. Resolves when no start is under way. */
  end(): Promise<void>
}

const lookEveryMs = 1_000

export function supervise({ isAlive, revive, onNotice }: Supervised): Supervision {
  let reviving: Promise<void> | null = null
  let lastFailure: string | null = null
  const tryOnce = async (): Promise<void> => {
    try {
      const notice = await revive()
      lastFailure = null
      if (notice !== null) onNotice(notice)
    } catch (error) {
      // It is tried again and again, and said once.
      const failure = messageOf(error)
      if (failure !== lastFailure) onNotice(failure)
      lastFailure = failure
    }
    reviving = null
  }
  const look = (): void => {
    if (reviving === null && !isAlive()) reviving = tryOnce()
  }
  const timer = setInterval(look, lookEveryMs)
  timer.unref() // it keeps nobody's process alive
  return {
    async end() {
      clearInterval(timer)
      await reviving
    },
  }
}
