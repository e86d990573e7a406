// `tasker task …`: create tasks and look at them. What operators do to them is operate.ts.
import type { Command } from 'commander'
import { factor, wholeNumber } from '../number-argument.ts'
import type { Runner } from '../run-command.ts'
import { addFilterOptions } from './filter-options.ts'

/** The group, for what operators add to it. */
export function addTaskCommands(program: Command, { run, runWith }: Runner): Command {
  const task = program.command('task').description('create tasks, look at them, act on them')
  task
    .command('run [address]')
    .description('create a task: namespace/name[@version], or of a file; a worker runs it')
    .option('--file <file>', 'of a definition (.yaml), or the trace of a recorded run (.json)')
    .option('--context <json>', 'its context: JSON, @file or name.json')
    .option('--key <text>', 'idempotency key: the same key finds the same task')
    .option('--follow', 'show its steps until it ends: 0 when it is complete, 1 otherwise')
    .option('--once', 'with --file, as --follow: a worker in this process runs it to its end')
    .option(
      '--time-scale <factor>',
      'seconds for each recorded second of a trace; default: 0, at once',
      factor,
    )
    .action(runWith(async () => (await import('../commands/task-run.ts')).taskRun))
  addFilterOptions(task.command('list').description('list tasks, newest first'))
    .option('--limit <number>', 'so many at most', wholeNumber(1, 200), 20)
    .option('--after <id>', 'those that follow this one: the next page')
    .action(run(async () => (await import('../commands/task-list.ts')).taskList))
  task
    .command('show <id>')
    .description('show a task: its steps, results and history')
    .action(runWith(async () => (await import('../commands/task-show.ts')).taskShow))
  task
    .command('why <id>')
    .description('tell why a task does not progress, and which command would change it')
    .action(runWith(async () => (await import('../commands/task-why.ts')).taskWhy))
  task
    .command('analyse <id>')
    .description('tell what matters in the graph of a task: paths, failures, bottlenecks')
    .action(runWith(async () => (await import('../commands/task-analyse.ts')).taskAnalyse))
  task
    .command('history <id>')
    .description('tell what happened: who, what, when, why, and where the time went')
    .option('--step <name>', 'of this step only')
    .action(runWith(async () => (await import('../commands/task-history.ts')).taskHistory))
  return task
}
