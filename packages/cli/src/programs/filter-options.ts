// The options that choose tasks, the same for every command that takes many. What they mean together is task-filter.ts.
import { Option, type Command } from 'commander'
import { readDuration } from '../duration-argument.ts'
import { readTime } from '../time-argument.ts'

export function addFilterOptions(command: Command): Command {
  return command
    .optionsGroup('Which tasks:')
    .option('--state <states>', 'only these, separated by commas: pending, error, …')
    .option('--namespace <name>', 'only of this namespace')
    .option('--name <name>', 'only of this name')
    .option('--definition-version <version>', 'only of this version of their definition')
    .option('--tag <tag>', 'only with this tag; repeated: with all of them', repeated)
    .option('--initiator <name>', 'only those that this one created')
    .option('--held', 'only tasks that are held')
    .option('--rerun-of <id>', 'only reruns of this task')
    .option('--created-from <time>', 'created at this time or later: 2026-11-21T03:00Z', readTime)
    .option('--created-before <time>', 'created before this time', readTime)
    .addOption(
      new Option('--newer-than <duration>', 'created no longer ago: 90m, 12h, 30d')
        .argParser(readDuration)
        .conflicts('createdFrom'),
    )
    .addOption(
      new Option('--older-than <duration>', 'created longer ago')
        .argParser(readDuration)
        .conflicts('createdBefore'),
    )
    .optionsGroup('Options:')
}

/** For an option that may stand several times. */
export const repeated = (
  value: string,
  before: readonly string[] | undefined,
): readonly string[] => [...(before ?? []), value]
