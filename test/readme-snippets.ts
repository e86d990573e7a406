// The programs in a page: fenced blocks whose first line names a file. ```ts file=order.ts``` is written down,
// ```ts file=main.ts run``` is also run. What a page shows is what a newcomer gets: a program that says `// prints: …`
// is held to it.
export interface Snippet {
  readonly file: string
  readonly text: string
  readonly isRun: boolean
}

const block =
  /^```(?:ts|js|json|yaml|sql)[ \t]+file=(\S+)([ \t]+run)?[ \t]*\n([\s\S]*?)^```[ \t]*$/gm

export function readSnippets(page: string): readonly Snippet[] {
  return [...page.matchAll(block)].map(([, file = '', run, text = '']) => ({
    file,
    text,
    isRun: run !== undefined,
  }))
}

/** The lines that a program says it prints, in order: one behind each `// prints:`. Null: it says nothing about it. */
export function printsOf(text: string): readonly string[] | null {
  const lines = [...text.matchAll(/\/\/ prints: (.*?)[ \t]*$/gm)].map(([, line = '']) => line)
  return lines.length === 0 ? null : lines
}

/** Lines of a program's output, without the last, empty one. */
export function printedLines(stdout: string): readonly string[] {
  return stdout
    .replace(/\r?\n$/, '')
    .split(/\r?\n/)
    .map((line) => line.trimEnd())
}
