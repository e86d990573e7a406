// Asks the person at the terminal before something that cannot be undone. Where nobody can answer, the command line says
// so itself, with an option.
import { createInterface } from 'node:readline/promises'

/** Somebody reads the question and can type the answer. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY
}

/** True only for a yes; the end of the input is none. */
export async function confirm(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const { promise: ended, resolve } = Promise.withResolvers<string>()
    lines.once('close', () => resolve(''))
    const answer = await Promise.race([lines.question(`${question} [y/N] `), ended])
    return /^y(es)?$/i.test(answer.trim())
  } finally {
    lines.close()
  }
}
