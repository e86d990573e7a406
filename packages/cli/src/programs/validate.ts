// `tasker validate …`: what a deployment is made of, and whether it can be observed.
import { Option, type Command } from 'commander'
import { wholeNumber } from '../number-argument.ts'
import type { Runner } from '../run-command.ts'
import { isAnswer, usageErrorOf } from '../usage-error.ts'

export function addValidateCommands(program: Command, { run, runWith }: Runner): void {
  const validate = program
    .command('validate')
    .description('check what a deployment is made of, for CI: 1 when there are faults')
  validate
    .command('definitions [paths...]')
    .description('check YAML files and directories; default: engine.taskConfigDirectory')
    .action(
      runWith(
        async () => (await import('../commands/validate-definitions.ts')).validateDefinitionFiles,
      ),
    )
  addPrometheus(validate).action(
    run(async () => (await import('../commands/validate-prometheus.ts')).validatePrometheus),
  )
  addJaeger(validate).action(
    run(async () => (await import('../commands/validate-jaeger.ts')).validateJaeger),
  )
}

function addPrometheus(validate: Command): Command {
  return observing(validate.command('prometheus'))
    .description('run three workflows, and see that Prometheus shows just what they did')
    .option('--url <url>', 'Prometheus; default: PROMETHEUS_URL, else http://localhost:9090')
    .option(
      '--app-url <urls...>',
      'metrics of the workers that run the workflows; default: a worker in this command runs them',
    )
    .option('--job <name>', 'the job of Prometheus that scrapes it; default: whichever does')
    .addOption(
      new Option(
        '--metrics-port <number>',
        'where the worker in this command is scraped; default: telemetry.metricsPort',
      ).argParser(wholeNumber(1, 65_535)),
    )
    .option('--metrics-host <address>', 'at this address of the machine; 0.0.0.0: at all of them')
    .option('--timeout <seconds>', 'wait so long for what is to come', wholeNumber(1, 3_600), 90)
}

function addJaeger(validate: Command): Command {
  return observing(validate.command('jaeger').alias('traces'))
    .description('run three workflows, and see that their traces arrive, whole and right')
    .option('--url <url>', 'query API of Jaeger; default: JAEGER_URL, else http://localhost:16686')
    .option('--otlp-url <url>', 'also see that this OTLP endpoint takes spans; alone: only that')
    .option(
      '--service <name>',
      'default: that of the resource, else OTEL_SERVICE_NAME, else telemetry.serviceName',
    )
    .option('--import <file>', 'load this first: what sets up OpenTelemetry in your application')
    .option('--timeout <seconds>', 'wait so long for what is to come', wholeNumber(1, 3_600), 30)
}

/** Their exit code 2 says that a service cannot be reached, so wrong use has another. */
function observing(command: Command): Command {
  return command.option('--verbose', 'show what each check has seen').exitOverride((error) => {
    throw isAnswer(error) ? error : usageErrorOf(error, 64)
  })
}
