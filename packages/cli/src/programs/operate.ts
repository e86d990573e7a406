// What operators do, as commands: `tasker task <action>` to one task, `tasker tasks <action>` to all that match, `tasker
// task rerun`, `tasker namespace …`. The actions are a table: action-commands.ts.
import { Option, type Command } from 'commander'
import { actionCommands, type ActionCommand } from '../action-commands.ts'
import type { ActionOptions } from '../action-options.ts'
import type { BulkOptions } from '../commands/operate-tasks.ts'
import { wholeNumber } from '../number-argument.ts'
import type { Runner } from '../run-command.ts'
import { addFilterOptions, repeated } from './filter-options.ts'

/** `task`: the group that exists already. */
export function addOperatorCommands(program: Command, task: Command, runner: Runner): void {
  task.commandsGroup('Actions of operators:')
  for (const entry of actionCommands) addAction(task, entry, runner)
  addRerun(task, runner)
  const tasks = program
    .command('tasks')
    .description('do the same to every task that matches; --dry-run says what would happen')
  for (const entry of actionCommands) addBulkAction(tasks, entry, runner)
  addNamespaceCommands(program, runner)
}

function addAction(task: Command, entry: ActionCommand, { runWith }: Runner): void {
  const command = task.command(`${entry.word} <id>`).description(entry.description)
  addActionOptions(command, entry)
  command.action(
    runWith<ActionOptions>(async () => {
      const { operateTask } = await import('../commands/operate-task.ts')
      return (context, taskId, options) => operateTask(context, { entry, taskId }, options)
    }),
  )
}

function addBulkAction(tasks: Command, entry: ActionCommand, { run }: Runner): void {
  const command = tasks.command(entry.word).description(entry.description)
  addActionOptions(command, entry)
  addFilterOptions(command)
    .option('--batch <number>', 'tasks in one transaction', wholeNumber(1, 500), 200)
    .option('--dry-run', 'say what would happen, and change nothing')
    .option('--yes', 'do not ask')
    .action(
      run<BulkOptions>(async () => {
        const { operateTasks } = await import('../commands/operate-tasks.ts')
        return (context, options) => operateTasks(context, entry, options)
      }),
    )
}

function addActionOptions(command: Command, { steps, takes }: ActionCommand): void {
  if (steps !== null) {
    const option = new Option('--step <name>', steps.description).argParser(repeated)
    command.addOption(option.makeOptionMandatory(steps.isRequired))
  }
  if (takes.includes('attempts')) {
    const text = 'attempts that each step gets beyond those it has spent; default: 1'
    command.option('--attempts <number>', text, wholeNumber(1, 1_000))
  }
  if (takes.includes('limit')) {
    const option = new Option('--limit <number>', 'attempts in all, the first included')
    command.addOption(option.argParser(wholeNumber(1, 32_767)).makeOptionMandatory())
  }
  if (takes.includes('result'))
    command.option('--result <json>', 'what the steps returned: JSON, @file or name.json')
  addSignature(command)
}

function addSignature(command: Command): Command {
  return command
    .option('--reason <text>', 'why; kept in the history')
    .option('--actor <name>', 'who; default: cli:<user of the operating system>')
}

function addRerun(task: Command, { runWith }: Runner): void {
  const command = task
    .command('rerun <id>')
    .description('do part of an ended task again, as a new task that takes over what is done')
    .option('--from <step>', 'this step and all that depends on it; may be repeated', repeated)
    .option('--context <json>', 'a new context: JSON, @file or name.json')
    .option('--inputs <json>', 'new inputs, {"step": inputs}; these steps are done again too')
    .option('--dry-run', 'say what would run, and create nothing')
    .option('--follow', 'show its steps until it ends: 0 when it is complete, 1 otherwise')
  addSignature(command).action(
    runWith(async () => (await import('../commands/task-rerun.ts')).taskRerun),
  )
}

function addNamespaceCommands(program: Command, { run, runWith }: Runner): void {
  const namespace = program.command('namespace').description('list, hold and resume namespaces')
  namespace
    .command('list')
    .description('list namespaces, and who holds which')
    .action(run(async () => (await import('../commands/namespace.ts')).namespaceList))
  addSignature(
    namespace
      .command('hold <name>')
      .description('start none of its steps until it is resumed; what runs goes on'),
  ).action(runWith(async () => (await import('../commands/namespace.ts')).namespaceHold))
  addSignature(
    namespace.command('resume <name>').description('let a namespace that is held go on'),
  ).action(runWith(async () => (await import('../commands/namespace.ts')).namespaceResume))
}
