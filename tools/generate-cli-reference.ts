// Writes docs/reference/cli.md from the commands themselves (packages/cli/src/program.ts). With --check it only says
// whether the page is fresh. `npm run docs:update` runs all generators.
import { join } from 'node:path'
import { buildProgram } from '../packages/cli/src/program.ts'
import { writeOrCheck } from './generated-page.ts'

// The types of the commander that the command line uses; the root may have another.
type Command = ReturnType<typeof buildProgram>
type Option = Command['options'][number]
type Argument = Command['registeredArguments'][number]

const opening = `# The command line

Generated from \`packages/cli/src/program.ts\` by \`tools/generate-cli-reference.ts\`. Do not edit.

\`tasker <command> --help\` prints the same. Settings that are no option here come from the configuration file and the
environment: [config.md](config.md).

Results go to stdout, everything else to stderr. With \`--json\`, every command prints exactly one JSON document on stdout,
on one line where that is no terminal; a failure is \`{"error": {"code", "message", "details"}}\`, its codes stand in
[errors.md](errors.md), those of \`tasker metrics\` in [exporting-metrics.md](../guides/exporting-metrics.md#when-an-export-fails).

## Exit codes

| Code | Meaning |
|---|---|
| 0 | Done. |
| 1 | It failed, or what was looked for was found to be wrong: a task that ended otherwise than complete, a problem that \`doctor\` found, a fault that \`validate\` found, a break that \`definitions diff --exit-code\` found. |
| 2 | The command was not used as it is meant: an option, an argument, or a file that it names. Nothing was done. Of \`validate prometheus\` and \`validate jaeger\`: a service that is needed cannot be reached. |
| 64 | Of \`validate prometheus\` and \`validate jaeger\`: the command was not used as it is meant. |

A second Ctrl-C ends a command at once, with 128 and the number of the signal.
`

const program = buildProgram(() => undefined)

writeOrCheck(
  join('docs', 'reference', 'cli.md'),
  [opening, renderGlobals(), ...commandsUnder(program).map(renderCommand)].join('\n'),
)

/** In the order of the help, each before its own subcommands. */
function commandsUnder(command: Command): readonly Command[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .flatMap((each) => (each.name() === 'help' ? [] : [each, ...commandsUnder(each)]))
}

function renderGlobals(): string {
  return `## Options of every command\n\n${renderOptions(program.options)}`
}

function renderCommand(command: Command): string {
  const words = wordsOf(command).join(' ')
  const description = command.description()
  const parts = [
    `## ${words}`,
    ...(command.commands.length === 0 ? [`\`${words} ${command.usage()}\``] : []),
    `${description.charAt(0).toUpperCase()}${description.slice(1)}.`,
    ...(command.commands.length === 0 ? [] : [renderSubcommands(command)]),
    ...(command.registeredArguments.some((each) => each.description !== '')
      ? [renderArguments(command.registeredArguments)]
      : []),
    ...(command.options.length > 0 ? [renderOptions(command.options).trimEnd()] : []),
  ]
  return `${parts.join('\n\n')}\n`
}

function renderSubcommands(command: Command): string {
  const names = command.commands.map((each) => `\`${each.name()}\``)
  return `Subcommands: ${names.join(', ')}.`
}

function wordsOf(command: Command): readonly string[] {
  return [...(command.parent === null ? [] : wordsOf(command.parent)), command.name()]
}

function renderArguments(all: readonly Argument[]): string {
  return all
    .map((each) => `- \`${each.name()}\`: ${each.description}${choicesOf(each.argChoices)}`)
    .join('\n')
}

function renderOptions(all: readonly Option[]): string {
  const rows = all
    .filter((option) => !option.hidden)
    .map((option) => `| \`${option.flags}\` | ${cell(meaningOf(option))} |`)
  return `| Option | Meaning |\n|---|---|\n${rows.join('\n')}\n`
}

function meaningOf(option: Option): string {
  const value: unknown = option.defaultValue
  const isShown = typeof value === 'number' || (typeof value === 'string' && value !== '')
  return [
    option.description,
    choicesOf(option.argChoices),
    option.mandatory ? '; required' : '',
    isShown ? `; default: ${value}` : '',
  ].join('')
}

function choicesOf(choices: readonly string[] | undefined): string {
  return choices === undefined ? '' : ` (${choices.join(', ')})`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}
