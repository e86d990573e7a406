// The commands of `tasker` and their options; those about tasks stand in programs/. What a command does is loaded only when
// it is called, so that help and version answer at once.
import { Argument, Command, Option } from 'commander'
import { shells } from './completion/scripts.ts'
import { readDuration } from './duration-argument.ts'
import type { ExitCode } from './failure.ts'
import { wholeNumber } from './number-argument.ts'
import { addAccessCommands } from './programs/access.ts'
import { addEventCommands } from './programs/events.ts'
import { addMetricsCommands } from './programs/metrics.ts'
import { addOperatorCommands } from './programs/operate.ts'
import { addTaskCommands } from './programs/task.ts'
import { addValidateCommands } from './programs/validate.ts'
import { runnerOf } from './run-command.ts'
import { cliVersion } from './version.ts'

export type { CommandContext } from './run-command.ts'

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

  const runner = runnerOf(done)
  const { run, runWith } = runner

  program
    .command('dev')
    .description(
      'run a worker and the server for development, on the embedded PostgreSQL unless told otherwise',
    )
    .option('--run <address>', 'create this task, namespace/name[@version], and follow it')
    .option('--context <json>', 'its context: JSON, @file or name.json')
    .option('--once', 'end with the task: 0 when it is complete, 1 otherwise')
    .addOption(portOption('8420, or another that is free'))
    .option('--no-open', 'do not open a browser at the documentation of the server')
    .addOption(new Option('--generation <number>').argParser(wholeNumber(1, 1e9)).hideHelp())
    .action(run(async () => (await import('./commands/dev.ts')).dev))

  program
    .command('worker')
    .description('run the steps of the definitions in the configuration file until told to stop')
    .option('--verbose', 'also log each step that starts and completes')
    .addOption(
      new Option(
        '--metrics-port <number>',
        'answer scrapes of Prometheus there, at /metrics; 0: any port that is free',
      ).argParser(wholeNumber(0, 65_535)),
    )
    .option('--metrics-host <address>', 'at this address of the machine; 0.0.0.0: at all of them')
    .action(run(async () => (await import('./commands/worker.ts')).worker))

  program
    .command('server')
    .description('answer HTTP (REST, GraphQL, live events) until told to stop; it runs no steps')
    .option('--host <address>', 'listen at this address of the machine; default: server.host')
    .addOption(portOption('server.port'))
    .action(run(async () => (await import('./commands/server.ts')).server))

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

  const definitions = program
    .command('definitions')
    .description('list the definitions in the configuration file')
    .action(run(async () => (await import('./commands/definitions.ts')).definitions))
  definitions
    .command('stats')
    .description('each version here and in the database: open tasks, due steps, live workers')
    .action(run(async () => (await import('./commands/definitions-stats.ts')).definitionsStats))
  definitions
    .command('diff <from> <to>')
    .description('what differs between two versions, name@version, and whether that breaks anybody')
    .option('--exit-code', '1 when the second cannot stand in for the first')
    .action(async (from: string, to: string, own: unknown, command: Command) => {
      const { definitionsDiff } = await import('./commands/definitions-diff.ts')
      await runWith(async () => definitionsDiff)({ from, to }, own, command)
    })

  program
    .command('graph [address]')
    .description('draw a definition, namespace/name[@version], or a task: levels and critical path')
    .option('--task <id>', 'a task, with states, attempts and durations')
    .addOption(
      new Option('--format <format>', 'default: as --output ends, else mermaid').choices([
        'mermaid',
        'dot',
        'svg',
        'json',
      ]),
    )
    .option('--output <file>', 'write it there')
    .addOption(
      new Option(
        '--durations <source>',
        'from history, from a trace, or not at all; default: measured of a task, none of a definition',
      ).choices(['measured', 'recorded', 'none']),
    )
    .action(runWith(async () => (await import('./commands/graph.ts')).graph))

  program
    .command('doctor')
    .description('look at the whole set-up and say what is wrong: 0 without a problem, 1 with one')
    .option('--invariants', 'only whether rows contradict one another, each invariant by name')
    .option(
      '--sample <number>',
      'with --invariants: the oldest so many open tasks, the newest so many rows of each table',
      wholeNumber(1, 1_000_000),
      5_000,
    )
    .action(run(async () => (await import('./commands/doctor.ts')).doctor))

  program
    .command('stats')
    .description('count tasks and steps by state, and say how those of late went')
    .addOption(
      new Option(
        '--since <duration>',
        'those created within it: 15m, 24h, 7d; default: 1h, for the slowest 24h',
      ).argParser(readDuration),
    )
    .option('--namespace <name>', 'how those of this namespace went')
    .option('--name <name>', 'how those of this name went')
    .option('--slowest', 'also the slowest tasks and steps')
    .option('--limit <number>', 'so many of the slowest', wholeNumber(1, 100), 10)
    .option('--recount', 'count anew: for tables that were written by hand')
    .action(run(async () => (await import('./commands/stats.ts')).stats))

  program
    .command('prune')
    .description('remove ended tasks for good, with their history')
    .addOption(
      new Option('--older-than <duration>', 'those that ended longer ago: 12h, 30d, 8w')
        .argParser(readDuration)
        .makeOptionMandatory(),
    )
    .option('--state <states>', 'those states; default: complete,cancelled,resolved_manually')
    .option('--include-errors', 'tasks in error too, which could still be revived')
    .option('--namespace <name>', 'only of this namespace')
    .option('--batch <number>', 'tasks in one transaction', wholeNumber(1, 10_000), 500)
    .option('--limit <number>', 'so many at most', wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .option('--dry-run', 'say what would go, and remove nothing')
    .option('--yes', 'do not ask')
    .action(run(async () => (await import('./commands/prune.ts')).prune))

  program
    .command('completion')
    .description('print the script that lets a shell complete tasker')
    .addArgument(new Argument('[shell]', 'default: the login shell').choices(shells))
    .addHelpText('after', completionHelp)
    .action(runWith(async () => (await import('./commands/completion.ts')).completion))
  program
    .command('__complete', { hidden: true })
    .argument('[words...]')
    .action(
      runWith(async () => {
        const { printCandidates } = await import('./commands/completion.ts')
        return (context, words: readonly string[]) => printCandidates(context, program, words)
      }),
    )

  addValidateCommands(program, runner)
  addEventCommands(program, runner)
  addMetricsCommands(program, runner)
  addAccessCommands(program, runner)
  addOperatorCommands(program, addTaskCommands(program, runner), runner)
  return program
}

const portOption = (otherwise: string): Option =>
  new Option(
    '--port <number>',
    `the server’s; 0: any that is free; default: ${otherwise}`,
  ).argParser(wholeNumber(0, 65_535))

const completionHelp = `
  bash        source <(tasker completion bash), in ~/.bashrc
  zsh         source <(tasker completion zsh), in ~/.zshrc, after compinit
  fish        tasker completion fish > ~/.config/fish/completions/tasker.fish
  powershell  tasker completion powershell | Out-String | Invoke-Expression, in $PROFILE`

function withGlobalOptions(command: Command): Command {
  return command
    .option('--config <file>', 'configuration file; default: tasker.config.{ts,js,json,yaml,…}')
    .option('--database <url>', 'the PostgreSQL database; default: DATABASE_URL, else embedded')
    .option('--schema <name>', 'the schema of Tasker’s tables')
    .option('--json', 'print one JSON document on stdout, everything else on stderr')
    .option('--no-color', 'no colours; NO_COLOR and FORCE_COLOR count as well')
    .option('--debug', 'print the stacks of errors and the debug log')
}
