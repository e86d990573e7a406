// Which blocks of a page count as programs, and what they are held to.
import { expect, test } from 'vitest'
import { printedLines, printsOf, readSnippets } from './readme-snippets.ts'

const page = `# Page

\`\`\`ts
not taken: it names no file
\`\`\`

\`\`\`ts file=order.ts
export const a = 1
\`\`\`

\`\`\`ts file=main.ts run
import { a } from './order.ts'
\`\`\`
`

test('blocks that name a file are programs, those marked so are run', () => {
  expect(readSnippets(page)).toEqual([
    { file: 'order.ts', text: 'export const a = 1\n', isRun: false },
    { file: 'main.ts', text: `import { a } from './order.ts'\n`, isRun: true },
  ])
})

test('a program says line by line what it prints, or nothing about it', () => {
  const text = `console.log(1) // prints: 1\nfor (const name of names) console.log(name)\n// prints: a b \n// prints: c\n`
  expect(printsOf(text)).toEqual(['1', 'a b', 'c'])
  expect(printsOf('console.log(1) // 1\n')).toBeNull()
})

test('the last line break of an output is no line', () => {
  expect(printedLines('1\na b\nc\n')).toEqual(['1', 'a b', 'c'])
  expect(printedLines('1')).toEqual(['1'])
})
