// Settings that all examples share, in tests and on the command line.
import type { TaskerOptions } from '@tasker/engine'

export const exampleSettings = {
  // The stand-ins for other systems are on this machine; a request to it is refused unless it is allowed.
  http: { allowedAddresses: ['127.0.0.0/8', '::1'], idleTimeoutMs: 3_000 },
} as const satisfies Pick<TaskerOptions, 'http'>
