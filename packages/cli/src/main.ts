// One run of the command line: arguments in, exit code out. Every failure of every command ends here
// and is printed the same way.
import { CommanderError } from 'commander'
import { failureOf, type ExitCode } from './failure.ts'
import { formatFailure, formatStacks } from './format-failure.ts'
import { buildProgram } from './program.ts'
import { openTerminal } from './terminal.ts'
import { isAnswer, usageErrorOf } from './usage-error.ts'

export async function main(argv: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = 0
  const program = buildProgram((code) => {
    exitCode = code
  })
  try {
    await program.parseAsync(argv, { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError && isAnswer(error)) return error.exitCode === 0 ? 0 : 2
    return await report(error instanceof CommanderError ? usageErrorOf(error) : error, argv)
  }
}

async function report(error: unknown, argv: readonly string[]): Promise<ExitCode> {
  // The arguments may be the very fault, so they are not parsed for how to print it.
  const terminal = openTerminal({
    json: argv.includes('--json'),
    color: !argv.includes('--no-color'),
    debug: argv.includes('--debug'),
  })
  const failure = failureOf(error)
  const { code, message, details } = failure
  terminal.log(await formatFailure(failure, terminal))
  if (terminal.isDebug) terminal.log(await formatStacks(error))
  terminal.document({ error: { code, message, details } })
  return failure.exitCode
}
