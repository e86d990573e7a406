// The commands of `tasker` and their options. What a command does is loaded only when it is called,
// so that help and version answer at once.
import { Command, InvalidArgumentError, Option } from 'commander'
import type { ExitCode } from './failure.ts'
import type { GlobalOptions } from './settings.ts'
import { openTerminal, type Terminal } from './terminal.ts'
import { cliVersion } from './version.ts'

/** What every command is given. */
export interface CommandContext {
  readonly terminal: Terminal
  readonly options: GlobalOptions
}

type Execute<Options> = (context: CommandContext, options: Options) => Promise<ExitCode>
type ExecuteWith<Options> = (
  context: CommandContext,
  argument: string,
  options: Options,
) => Promise<ExitCode>

/** A program whose commands hand their exit codes to `done`. Errors are thrown. */
export function buildProgram(done: (code: ExitCode) => void): Command {
  const program = withGlobalOptions(new Command('tasker'))
    .description('Runs multi-step tasks in your own Node application and PostgreSQL.')
    .version(cliVersion, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help for a command')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ outputError: () => undefined }) // printed by main, as every error is
    .exitOverride()

  /** Loads a command, runs it with its options, and hands on its exit code. */
  const run =
    <Options>(load: () => Promise<Execute<Options>>) =>
    async (_own: unknown, command: Command): Promise<void> => {
      const execute = await load()
      const options = command.optsWithGlobals<GlobalOptions & Options>()
      done(await execute({ terminal: terminalOf(options), options }, options))
    }
  /** The same for a command with one argument. */
  const runWith =
    <Options>(load: () => Promise<ExecuteWith<Options>>) =>
    async (argument: string, own: unknown, command: Command): Promise<void> => {
      const execute = await load()
      const bound = async (): Promise<Execute<Options>> => (context, options) =>
        execute(context, argument, options)
      await run(bound)(own, command)
    }

  program
    .command('dev')
    .description('run a worker for development, on the embedded PostgreSQL unless told otherwise')
    .option('--run <address>', 'create this task, namespace/name[@version], and follow it')
    .option('--context <json>', 'its context: JSON, @file or name.json')
    .option('--once', 'end with the task: 0 when it is complete, 1 otherwise')
    .addOption(
      new Option('--port <number>', 'for the server of a later release').argParser(
        wholeNumber(0, 65_535),
      ),
    )
    .option('--no-open', 'for the server of a later release')
    .action(run(async () => (await import('./commands/dev.ts')).dev))

  program
    .command('worker')
    .description('run the steps of the definitions in the configuration file until told to stop')
    .option('--verbose', 'also log each step that starts and completes')
    .action(run(async () => (await import('./commands/worker.ts')).worker))

  program
    .command('migrate')
    .description('bring the database to this version')
    .addOption(new Option('--dry-run', 'say what would be done, and do nothing').conflicts('sql'))
    .option('--sql', 'print the SQL that would be run, and do nothing')
    .action(run(async () => (await import('./commands/migrate.ts')).migrate))

  program
    .command('config')
    .description('print the effective configuration and where each value came from')
    .option('--changed', 'only values that are not the default')
    .action(run(async () => (await import('./commands/config.ts')).config))

  program
    .command('definitions')
    .description('list the definitions in the configuration file')
    .action(run(async () => (await import('./commands/definitions.ts')).definitions))

  const task = program.command('task').description('create tasks, look at them, cancel them')
  task
    .command('run <address>')
    .description('create a task: namespace/name[@version]; a worker runs it')
    .option('--context <json>', 'its context: JSON, @file or name.json')
    .option('--key <text>', 'idempotency key: the same key finds the same task')
    .option('--follow', 'show its steps until it ends: 0 when it is complete, 1 otherwise')
    .action(runWith(async () => (await import('./commands/task-run.ts')).taskRun))
  task
    .command('list')
    .description('list tasks, newest first')
    .option('--state <states>', 'only these, separated by commas: pending, error, …')
    .option('--namespace <name>', 'only of this namespace')
    .option('--name <name>', 'only of this name')
    .option('--limit <number>', 'so many at most', wholeNumber(1, 200), 20)
    .option('--after <id>', 'those that follow this one: the next page')
    .action(run(async () => (await import('./commands/task-list.ts')).taskList))
  task
    .command('show <id>')
    .description('show a task: its steps, results and history')
    .action(runWith(async () => (await import('./commands/task-show.ts')).taskShow))
  task
    .command('why <id>')
    .description('tell why a task does not progress, step by step')
    .action(runWith(async () => (await import('./commands/task-why.ts')).taskWhy))
  task
    .command('cancel <id>')
    .description('end a task: running steps are called off')
    .option('--reason <text>', 'kept in its history')
    .action(runWith(async () => (await import('./commands/task-cancel.ts')).taskCancel))
  return program
}

function withGlobalOptions(command: Command): Command {
  return command
    .option('--config <file>', 'configuration file; default: tasker.config.{ts,js,json,yaml,…}')
    .option('--database <url>', 'the PostgreSQL database; default: DATABASE_URL, else embedded')
    .option('--schema <name>', 'the schema of Tasker’s tables')
    .option('--json', 'print one JSON document on stdout, everything else on stderr')
    .option('--no-color', 'no colours; NO_COLOR and FORCE_COLOR count as well')
    .option('--debug', 'print the stacks of errors and the debug log')
}

function terminalOf({ json, color, debug }: GlobalOptions): Terminal {
  return openTerminal({ json: json === true, color, debug: debug === true })
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= min && value <= max) return value
    throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`)
  }
}
