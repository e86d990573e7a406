#!/usr/bin/env node
// The `tasker` program: runs the command line and ends the process with its exit code.
import { endWhenUnheard } from './lost-output.ts'
import { main } from './main.ts'

endWhenUnheard()
const exitCode = await main(process.argv.slice(2))

// Ends the process even where a configuration file left connections open, and only after what was
// said has been written: pipes are asynchronous.
process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)))
