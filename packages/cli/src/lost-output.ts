// What happens when whoever reads our output goes away, as in `tasker task list | head`, or when a
// terminal is closed: that is no failure. A command that runs steps is told to stop, as by a signal;
// any other just ends.

export function endWhenUnheard(): void {
  let isHeard = true
  const end = (): void => {
    if (!isHeard) return // what is said while stopping
    isHeard = false
    if (process.listenerCount('SIGHUP') === 0) process.exit(0)
    process.kill(process.pid, 'SIGHUP')
  }
  for (const stream of [process.stdout, process.stderr]) stream.on('error', end)
}
