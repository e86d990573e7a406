#!/usr/bin/env node
// The `tasker` program: runs the command line and ends the process with its exit code.
import { main } from './main.ts'

// Whoever reads our output may stop reading, as in `tasker task list | head`; that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

const exitCode = await main(process.argv.slice(2))

// Ends the process even where a configuration file left connections open, and only after what was
// said has been written: pipes are asynchronous.
process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)))
