// One run of the command line: arguments in, exit code out. Every failure of every command ends here
// and is printed the same way.
import { CommanderError } from 'commander'
import { failureOf, UsageError, type ExitCode, type Failure } from './failure.ts'
import { buildProgram } from './program.ts'
import { openTerminal } from './terminal.ts'

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

/** Help and version are thrown as well, after they were printed. */
function isAnswer(error: CommanderError): boolean {
  return error.exitCode === 0 || error.code === 'commander.help'
}

function usageErrorOf(error: CommanderError): UsageError {
  return new UsageError(error.message.replace(/^error: /, '').replace(/\n\((.*)\)$/, '. $1'))
}

async function report(error: unknown, argv: readonly string[]): Promise<ExitCode> {
  // The arguments may be the very fault, so they are not parsed for how to print it.
  const terminal = openTerminal({
    json: argv.includes('--json'),
    color: !argv.includes('--no-color'),
    debug: argv.includes('--debug'),
  })
  const failure = failureOf(error)
  const { code, message, details, advice } = failure
  const { red, dim } = terminal.paintLog
  const plain = await plainerOf(failure)
  const said = plain(message)
    .replaceAll(/\n (?=\S)/g, '\n')
    .trimEnd()
  terminal.log(`${red(`error ${code}:`)} ${said}`)
  if (code === 'USAGE')
    terminal.log(dim('`tasker --help` and `tasker <command> --help` tell more.'))
  for (const line of advice) terminal.log(dim(`  ${plain(line)}`))
  if (terminal.isDebug) printStacks(error, (text) => terminal.log(plain(text)))
  terminal.document({ error: { code, message, details } })
  return failure.exitCode
}

/** A fault of the command line quotes nothing but the command line, and is told before the engine is loaded. */
async function plainerOf({ code }: Failure): Promise<(text: string) => string> {
  return code === 'USAGE' ? (text) => text : (await import('@tasker/engine')).plainLines
}

function printStacks(error: unknown, log: (text: string) => void): void {
  let at: unknown = error
  while (at instanceof Error) {
    log(`\n${at === error ? '' : 'Caused by: '}${at.stack ?? at.message}`)
    at = at.cause
  }
}
