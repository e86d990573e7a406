// Whether a command line that somebody is told to type is one: its command exists, and has the options shown.
import { buildProgram } from '../packages/cli/src/program.ts'

/** Of the command line's own commander; the workspace's tools bring another one. */
type Command = ReturnType<typeof buildProgram>

/** `line`: `tasker task list --state error`, found at `path`. */
export function faultsOf(path: string, line: string): readonly string[] {
  const [, ...words] = line.replaceAll(/'[^']*'|"[^"]*"/g, 'text').split(/\s+/)
  let command: Command = buildProgram(() => undefined)
  const global = command.options
  for (const word of words) {
    if (word.startsWith('-') || word === 'help') break
    const next = command.commands.find(
      (known) => known.name() === word || known.aliases().includes(word),
    )
    if (next === undefined && command.commands.length > 0) return [`${path}: ${line}: no ${word}`]
    if (next === undefined) break
    command = next
  }
  const known = [...global, ...command.options].flatMap(({ long, short }) => [long, short])
  return words
    .filter((word) => word.startsWith('-') && word !== '--help' && word !== '-h')
    .map((word) => word.replace(/[=…].*$/, ''))
    .filter((option) => !known.includes(option))
    .map((option) => `${path}: ${line}: no ${option}`)
}
