// Which blocks of a page count as programs.
import { expect, test } from 'vitest'
import { readSnippets } from './readme-snippets.ts'

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
