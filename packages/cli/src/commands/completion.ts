// `tasker completion`: prints the script that teaches a shell to complete `tasker`. What that script asks at each Tab is
// the hidden command `__complete`.
import type { Command } from 'commander'
import { candidatesFor } from '../completion/candidates.ts'
import { completionScripts, shells, type Shell } from '../completion/scripts.ts'
import { environment, type Environment } from '../environment.ts'
import { UsageError, type ExitCode } from '../failure.ts'
import type { CommandContext } from '../program.ts'

export async function completion(
  { terminal }: CommandContext,
  asked: Shell | undefined,
): Promise<ExitCode> {
  const shell = asked ?? shellOf(environment())
  const script = completionScripts[shell]
  terminal.document({ shell, script })
  if (!terminal.isJson) terminal.print(script.trimEnd())
  return 0
}

/** The login shell. */
function shellOf(env: Environment): Shell {
  const name = env['SHELL']?.split('/').at(-1)
  const shell = shells.find((each) => each === name)
  if (shell !== undefined) return shell
  throw new UsageError(`Name the shell: tasker completion ${shells.join('|')}.`)
}

/** One candidate a line, for the scripts. */
export async function printCandidates(
  { terminal }: CommandContext,
  program: Command,
  typed: readonly string[],
): Promise<ExitCode> {
  // Only where it is asked for: loading the engine takes longer than a Tab should.
  const states = typed.some((word) => word.startsWith('--state'))
    ? (await import('@tasker/engine')).taskStates
    : null
  const found = candidatesFor(program, typed, (placeholder) =>
    placeholder === 'states' ? states : null,
  )
  for (const { word, description } of found.words) terminal.print(`${word}\t${description}`)
  if (found.areFiles) terminal.print(':files')
  return 0
}
