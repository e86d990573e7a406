// How a declared command comes to run: it is loaded when it is called, given its options and a terminal, and its exit code
// handed on.
import type { Command } from 'commander'
import type { ExitCode } from './failure.ts'
import type { GlobalOptions } from './settings.ts'
import { openTerminal, type Terminal } from './terminal.ts'

/** What every command is given. */
export interface CommandContext {
  readonly terminal: Terminal
  readonly options: GlobalOptions
}

type Execute<Options> = (context: CommandContext, options: Options) => Promise<ExitCode>
type ExecuteWith<Options, Given> = (
  context: CommandContext,
  argument: Given,
  options: Options,
) => Promise<ExitCode>

type Action = (own: unknown, command: Command) => Promise<void>
type ActionWith<Given> = (argument: Given, own: unknown, command: Command) => Promise<void>

/** Makes the actions of commands. */
export interface Runner {
  readonly run: <Options>(load: () => Promise<Execute<Options>>) => Action
  /** The same for a command with one argument. */
  readonly runWith: <Options, Given = string>(
    load: () => Promise<ExecuteWith<Options, Given>>,
  ) => ActionWith<Given>
}

/** Exit codes are handed to `done`; errors are thrown. */
export function runnerOf(done: (code: ExitCode) => void): Runner {
  const run: Runner['run'] =
    <Options>(load: () => Promise<Execute<Options>>) =>
    async (_own: unknown, command: Command) => {
      const execute = await load()
      const options = command.optsWithGlobals<GlobalOptions & Options>()
      done(await execute({ terminal: terminalOf(options), options }, options))
    }
  return {
    run,
    runWith: (load) => async (argument, own, command) => {
      const execute = await load()
      await run(
        async () => (context: CommandContext, options: Parameters<typeof execute>[2]) =>
          execute(context, argument, options),
      )(own, command)
    },
  }
}

function terminalOf({ json, color, debug }: GlobalOptions): Terminal {
  return openTerminal({ json: json === true, color, debug: debug === true })
}
