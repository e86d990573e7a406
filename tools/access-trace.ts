// A recorded trace of accesses to answers: who asked for what and when, and what making it took. As lines of text, with how it
// was recorded on top.
import { readFile, writeFile } from 'node:fs/promises'

/** One question that is asked again and again. */
export interface TracedKey {
  readonly kind: string
  readonly name: string
  /** Of an answer, before it adapts; and how long it is given at most. */
  readonly ttlMs: number
  readonly ttlMaxMs: number | null
  readonly staleMs: number | null
}

export interface TracedAccess {
  readonly atMs: number
  /** Its place among the keys. */
  readonly key: number
  /** What the answer holds for: another one is another answer. */
  readonly version: number
  /** What making it took at that time. */
  readonly generationMs: number
}

export interface AccessTrace {
  /** How it was recorded. */
  readonly notes: readonly string[]
  readonly keys: readonly TracedKey[]
  readonly accesses: readonly TracedAccess[]
}

export async function writeTrace(path: string, trace: AccessTrace): Promise<void> {
  const { notes, keys, accesses } = trace
  let lastMs = 0
  const lines = accesses.map(({ atMs, key, version, generationMs }) => {
    const afterMs = atMs - lastMs
    lastMs = atMs
    return [afterMs, key, version, generationMs].join(',')
  })
  const text = [
    ...notes.map((note) => `# ${note}`),
    ...keys.map((key) => `! ${JSON.stringify(key)}`),
    '# milliseconds since the line before, key (from 0), version, milliseconds that making it took',
    ...lines,
  ]
  await writeFile(path, `${text.join('\n')}\n`)
}

export async function readTrace(path: string): Promise<AccessTrace> {
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '')
  let atMs = 0
  return {
    notes: lines.filter((line) => line.startsWith('# ')).map((line) => line.slice(2)),
    keys: lines
      .filter((line) => line.startsWith('! '))
      .map((line) => JSON.parse(line.slice(2)) as TracedKey), // written above
    accesses: lines.filter(isAccess).map((line) => {
      const [afterMs = 0, key = 0, version = 0, generationMs = 0] = line.split(',').map(Number)
      atMs += afterMs
      return { atMs, key, version, generationMs }
    }),
  }
}

const isAccess = (line: string): boolean => /^\d/.test(line)
