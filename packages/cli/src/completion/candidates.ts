// What may stand at the end of a command line that is not finished: subcommands, options, values. Read from the commands
// themselves, so that a new one completes by being there. The shells' side is scripts.ts.
import type { Argument, Command, Option } from 'commander'

export interface Candidate {
  /** The whole word. */
  readonly word: string
  readonly description: string
}

export interface Candidates {
  readonly words: readonly Candidate[]
  /** The word may also be the path of a file. */
  readonly areFiles: boolean
}

/** The words that the placeholder of an option stands for: `states` in `--state <states>`. */
export type ValuesOf = (placeholder: string) => readonly string[] | null

/** Placeholders of what may be a file; JSON may be given as one. */
const namesOfPaths = ['file', 'json', 'paths']

const nothing: Candidates = { words: [], areFiles: false }

/** `typed`: what stands after `tasker`; the last word is the one to complete, empty when it is not begun. */
export function candidatesFor(
  program: Command,
  typed: readonly string[],
  valuesOf: ValuesOf,
): Candidates {
  const { before, word } = split(typed)
  const place = walk(program, before)
  if (place.awaits !== null) return values(place.awaits, word, '', valuesOf)
  const [, flag = '', given = ''] = /^(--[\w-]+)=(.*)$/.exec(word) ?? []
  const option = place.areOptionsOver ? undefined : optionNamed(place.command, flag)
  if (option !== undefined) return values(option, given, `${flag}=`, valuesOf)
  if (word.startsWith('-') && !place.areOptionsOver) return only(options(place.command), word)
  const argument = argumentAt(place)
  const choices = argument?.argChoices ?? []
  const words = choices.map((choice) => ({ word: choice, description: '' }))
  const commands = place.argumentCount === 0 ? subcommands(place.command) : []
  const isPath = namesOfPaths.includes(argument?.name() ?? '')
  return { ...only([...commands, ...words], word), areFiles: isPath }
}

// bash takes `--state=pending` apart into three words. PowerShell before 7.3 passes no empty word but '""'.
function split(typed: readonly string[]): {
  readonly before: readonly string[]
  readonly word: string
} {
  const words = typed.filter(
    (each, at) => each !== '=' || at === typed.length - 1 || !typed[at - 1]?.startsWith('--'),
  )
  const last = words.at(-1) ?? ''
  return { before: words.slice(0, -1), word: last === '=' || last === '""' ? '' : last }
}

interface Place {
  readonly command: Command
  /** The option whose value comes next. */
  readonly awaits: Option | null
  readonly argumentCount: number
  /** After `--`. */
  readonly areOptionsOver: boolean
}

function walk(program: Command, words: readonly string[]): Place {
  let place: Place = { command: program, awaits: null, argumentCount: 0, areOptionsOver: false }
  for (const word of words) place = step(place, word)
  return place
}

function step(place: Place, word: string): Place {
  const { command, awaits, argumentCount, areOptionsOver } = place
  if (awaits !== null) return { ...place, awaits: null }
  if (word === '--') return { ...place, areOptionsOver: true }
  if (word.startsWith('-') && !areOptionsOver) {
    const option = optionNamed(command, word)
    return { ...place, awaits: option?.required === true ? option : null }
  }
  const next = command.commands.find(
    (each) => each.name() === word || each.aliases().includes(word),
  )
  if (next !== undefined && argumentCount === 0) return { ...place, command: next }
  return { ...place, argumentCount: argumentCount + 1 }
}

function argumentAt({ command, argumentCount }: Place): Argument | undefined {
  const last = command.registeredArguments.at(-1)
  return command.registeredArguments[argumentCount] ?? (last?.variadic === true ? last : undefined)
}

/** Its own options and those of the commands above it. */
function optionsOf(command: Command | null): readonly Option[] {
  return command === null ? [] : [...command.options, ...optionsOf(command.parent)]
}

const optionNamed = (command: Command, flag: string): Option | undefined =>
  flag === ''
    ? undefined
    : optionsOf(command).find((option) => option.long === flag || option.short === flag)

function options(command: Command): readonly Candidate[] {
  const listed = optionsOf(command)
    .filter((option) => !option.hidden)
    .map(({ long, description }) => ({ word: long ?? '', description }))
  return [...listed, { word: '--help', description: 'print help' }]
}

function subcommands(command: Command): readonly Candidate[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .map((each) => ({ word: each.name(), description: each.description() }))
}

/** Of one option. A list with commas goes on behind the last one. */
function values(option: Option, word: string, prefix: string, valuesOf: ValuesOf): Candidates {
  const [, placeholder = ''] = /[<[]([\w-]+)/.exec(option.flags) ?? []
  if (namesOfPaths.includes(placeholder)) return { words: [], areFiles: true }
  const choices = option.argChoices ?? valuesOf(placeholder)
  if (choices === null) return nothing
  const head = word.slice(0, word.lastIndexOf(',') + 1)
  const taken = head.split(',')
  return only(
    choices
      .filter((choice) => !taken.includes(choice))
      .map((choice) => ({ word: `${prefix}${head}${choice}`, description: '' })),
    `${prefix}${word}`,
  )
}

const only = (all: readonly Candidate[], start: string): Candidates => ({
  words: all.filter(({ word }) => word.startsWith(start)),
  areFiles: false,
})
