// `tasker events …`: what happens, in whatever process it happens.
import type { Command } from 'commander'
import type { Runner } from '../run-command.ts'
import { repeated } from './filter-options.ts'

export function addEventCommands(program: Command, { run }: Runner): void {
  program
    .command('events')
    .description('events of all processes, read from the history')
    .command('follow')
    .description('print events as they come, until told to stop; --json: one document a line')
    .option('--from <place>', 'now, start (of the journal), or the cursor of an event', 'now')
    .option('--event <name>', 'only this name or pattern (task.*); may be repeated', repeated)
    .option('--task <id>', 'only of this task')
    .option('--namespace <name>', 'only of this namespace')
    .action(run(async () => (await import('../commands/events-follow.ts')).eventsFollow))
}
