// Programs started as a newcomer would start them: nothing of the workspace or of vitest in their environment.
import { run as runProgram, type Run } from '../tools/run-program.ts'

/** npm describes the workspace it runs in, vitest the test it runs: neither belongs into an empty project. */
const notForChildren =
  /^(npm_(package|lifecycle|command|config_local_prefix)|INIT_CWD$|VITEST|NODE_(ENV|OPTIONS|V8_COVERAGE)$)/i

export function run(program: string, parameters: readonly string[], folder?: string): Promise<Run> {
  const kept = Object.entries(process.env).filter(([name]) => !notForChildren.test(name))
  const environment = Object.fromEntries(kept)
  return runProgram(
    program,
    parameters,
    folder === undefined ? { environment } : { environment, folder },
  )
}

/** Like `run`, for programs that must succeed. Answers with the standard output. */
export async function runOrThrow(
  program: string,
  parameters: readonly string[],
  folder?: string,
): Promise<string> {
  const done = await run(program, parameters, folder)
  if (done.exitCode === 0) return done.stdout
  const command = [program, ...parameters].join(' ')
  throw new Error(`${command} ended with ${done.exitCode}:\n${done.output.trim()}`)
}
