// A failure as people read it: `error CODE: message`, what would help below it, and the stacks with `--debug`.
import type { Failure } from './failure.ts'
import type { Terminal } from './terminal.ts'

export async function formatFailure(
  failure: Failure,
  { paintLog: paint }: Pick<Terminal, 'paintLog'>,
): Promise<string> {
  const { code, message, advice } = failure
  const plain = await plainerOf(failure)
  const said = plain(message)
    .replaceAll(/\n (?=\S)/g, '\n')
    .trimEnd()
  const usage = '`tasker --help` and `tasker <command> --help` tell more.'
  return [
    `${paint.red(`error ${code}:`)} ${said}`,
    ...(code === 'USAGE' ? [paint.dim(usage)] : []),
    ...advice.map((line) => paint.dim(`  ${plain(line)}`)),
  ].join('\n')
}

export async function formatStacks(error: unknown): Promise<string> {
  const { plainLines } = await import('@tasker/engine')
  const stacks: string[] = []
  for (let at = error; at instanceof Error; at = at.cause) {
    stacks.push(`\n${at === error ? '' : 'Caused by: '}${plainLines(at.stack ?? at.message)}`)
  }
  return stacks.join('\n')
}

/** A fault of the command line quotes nothing but the command line, and is told before the engine is loaded. */
async function plainerOf({ code }: Failure): Promise<(text: string) => string> {
  return code === 'USAGE' ? (text) => text : (await import('@tasker/engine')).plainLines
}
