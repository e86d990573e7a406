// The programs in a page: fenced blocks whose first line names a file. ```ts file=order.ts``` is written down,
// ```ts file=main.ts run``` is also run. What a page shows is what a newcomer gets.
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
