// `tasker metrics …`: what schedulers outside call, so that metrics get to where they are kept.
import { Option, type Command } from 'commander'
import { readDuration } from '../duration-argument.ts'
import type { Runner } from '../run-command.ts'

export function addMetricsCommands(program: Command, { run, runWith }: Runner): void {
  const metrics = program
    .command('metrics')
    .description('export the metrics of all processes, for cron, systemd and Kubernetes')
  addScope(
    metrics
      .command('export [format]')
      .description(
        'order an export: a worker makes it when it is due, and tries again when it fails',
      )
      .option('--target <name>', 'to this one of telemetry.exports.targets, in its format')
      .addOption(
        new Option(
          '--in <duration>',
          'so long from now: 0s, 30s, 4m; default: before anything would expire',
        ).argParser(readDuration),
      )
      .addOption(timeout()),
    'of all processes, or of the one that makes it; default: as telemetry.distributedExport says',
  ).action(runWith(async () => (await import('../commands/metrics-export.ts')).metricsExport))
  addFrom(
    addScope(
      metrics
        .command('export-now [format]')
        .description('export at once: to stdout, to a file or to a target')
        .addOption(
          new Option(
            '--target <name>',
            'to this one of telemetry.exports.targets, in its format',
          ).conflicts(['output', 'from', 'token']),
        )
        .option('--output <file>', 'write it there: all of it or nothing')
        .addOption(timeout()),
    ),
  ).action(
    runWith(async () => (await import('../commands/metrics-export-now.ts')).metricsExportNow),
  )
  addFrom(
    metrics
      .command('sync')
      .description(
        'bring the shared store up to date: fold ended processes, keep what would expire',
      )
      .addOption(timeout()),
  ).action(run(async () => (await import('../commands/metrics-sync.ts')).metricsSync))
  addFrom(
    addScope(
      metrics
        .command('status')
        .description('who shares metrics, how old they are, and how the targets of exports fare')
        .addOption(timeout()),
    ),
  ).action(run(async () => (await import('../commands/metrics-status.ts')).metricsStatus))
}

const timeout = (): Option =>
  new Option('--timeout <duration>', 'give up after it: 30s, 5m')
    .argParser(readDuration)
    .default(60_000, '1m')

const addScope = (
  command: Command,
  meaning = 'of all processes, or of the one of --from; default: as the source has it',
): Command => command.addOption(new Option('--scope <scope>', meaning).choices(['all', 'process']))

const addFrom = (command: Command): Command =>
  command
    .option('--from <url>', 'read this running worker instead of the store: http://worker-1:9464')
    .option('--token <token>', 'of its server, where it asks for one; default: METRICS_TOKEN')
