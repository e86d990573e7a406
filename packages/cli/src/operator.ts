// Who acts when somebody types a command, for the history.
import { userInfo } from 'node:os'

/** `cli:ana`; `cli` where the operating system has no name for the user, as in some containers. */
export function operatorName(): string {
  try {
    return `cli:${userInfo().username}`.slice(0, nameMax)
  } catch {
    return 'cli'
  }
}

/** What the engine stores. */
const nameMax = 128
