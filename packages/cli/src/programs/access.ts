// `tasker token …` and `tasker audit …`: who may ask the server for what, and who asked for what.
import { InvalidArgumentError, Option, type Command } from 'commander'
import { readDuration } from '../duration-argument.ts'
import { wholeNumber } from '../number-argument.ts'
import type { Runner } from '../run-command.ts'
import { readTime } from '../time-argument.ts'
import { repeated } from './filter-options.ts'

export function addAccessCommands(program: Command, runner: Runner): void {
  addTokenCommands(program, runner)
  addAuditCommands(program, runner)
}

function addTokenCommands(program: Command, { run, runWith }: Runner): void {
  const load = () => import('../commands/token.ts')
  const token = program
    .command('token')
    .description('API tokens: what programs ask the server with')
  token
    .command('create <name>')
    .description('make a token; its secret is printed this once')
    .addOption(
      new Option(
        '--scope <permission>',
        'what it may do: tasker.task:show, tasker.task:* or *; may be repeated',
      )
        .argParser(repeated)
        .makeOptionMandatory(),
    )
    .option('--namespace <name>', 'only in this namespace; may be repeated', repeated)
    .addOption(
      new Option(
        '--expires <duration>',
        'how long it lasts: 12h, 52w, never; default: 90d',
      ).argParser(readLifetime),
    )
    .option('--actor <name>', 'who makes it; default: cli:<user>')
    .action(runWith(async () => (await load()).tokenCreate))
  token
    .command('list')
    .description('list all tokens: what they may do, when they end, when they were used')
    .action(run(async () => (await load()).tokenList))
  token
    .command('rotate <name>')
    .description('give a token, by name or id, a new secret; it is printed this once')
    .addOption(
      new Option(
        '--grace <duration>',
        'the old secret holds so long: 10m, 24h; default: not at all',
      ).argParser(readDuration),
    )
    .addOption(
      new Option(
        '--expires <duration>',
        'how long it lasts; default: as long as it was given before',
      ).argParser(readLifetime),
    )
    .option('--actor <name>', 'who does it; default: cli:<user>')
    .action(runWith(async () => (await load()).tokenRotate))
  token
    .command('revoke <name>')
    .description('end a token, by name or id, for good: every server refuses it at once')
    .option('--actor <name>', 'who does it; default: cli:<user>')
    .action(runWith(async () => (await load()).tokenRevoke))
}

function addAuditCommands(program: Command, { run }: Runner): void {
  const load = () => import('../commands/audit.ts')
  const audit = program
    .command('audit')
    .description('the audit log: who tried to change what, and what became of it')
  audit
    .command('list')
    .description('list entries, newest first')
    .option('--actor <name>', 'only by this one')
    .option('--operation <name>', 'only of this operation: cancelTask')
    .option('--task <id>', 'only of this task')
    .option('--correlation <id>', 'only of this request')
    .addOption(
      new Option('--outcome <outcome>', 'only what ended so').choices([
        'done',
        'denied',
        'refused',
        'failed',
      ]),
    )
    .option('--from <time>', 'at this time or later: 2026-11-21T03:00Z', readTime)
    .option('--before <time>', 'before this time', readTime)
    .option('--limit <number>', 'so many at most', wholeNumber(1, 1_000), 50)
    .option('--after <id>', 'the page behind this entry')
    .action(run(async () => (await load()).auditList))
  audit
    .command('prune')
    .description('remove old entries for good')
    .addOption(
      new Option('--older-than <duration>', 'those that are older: 30d, 52w')
        .argParser(readDuration)
        .makeOptionMandatory(),
    )
    .option('--yes', 'do not ask')
    .action(run(async () => (await load()).auditPrune))
}

/** Milliseconds, or `never`. */
function readLifetime(text: string): number | 'never' {
  if (text.trim() === 'never') return 'never'
  try {
    return readDuration(text)
  } catch {
    throw new InvalidArgumentError('Expected never, or a number and a unit: 12h, 90d, 52w.')
  }
}
