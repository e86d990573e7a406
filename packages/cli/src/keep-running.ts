// What a handler leaves behind after its step (a rejected promise nobody waited for, an error in a
// timer) must not end the process that runs everybody else's steps.
import type { Logger } from '@tasker/engine'

/** For commands that run handlers: stray errors are logged, and the process goes on. */
export function survivingStrayErrors(logger: Logger): void {
  process.on('unhandledRejection', (error) =>
    logger.error({ error }, 'a promise was rejected and nobody waited for it'),
  )
  process.on('uncaughtException', (error) =>
    logger.error({ error }, 'an error was thrown outside of any step'),
  )
}
