// Writes docs/reference/errors.md from the catalogue in packages/engine/src/error-catalogue.ts. With --check it only says whether
// the page is fresh. `npm run docs:update` runs all generators.
import { join } from 'node:path'
import { errorCatalogue, type ErrorCategory } from '../packages/engine/src/error-catalogue.ts'
import { writeOrCheck } from './generated-page.ts'

/** What a caller can make of each category. */
const categories: Readonly<Record<ErrorCategory, string>> = {
  invalid_input: 'The request, definition or file is wrong. Repeating it unchanged cannot help.',
  unauthenticated: 'The server does not know who asks.',
  forbidden: 'The server knows, and does not allow it.',
  not_found: 'What was asked for is not there.',
  conflict: 'It contradicts what is stored.',
  configuration: 'The process or the database is not set up for it. An operator has to act.',
  unavailable: 'It may work later. Repeat it.',
  handler: 'A step’s own code is at fault; the step records it.',
  internal: 'A defect of Tasker.',
}

writeOrCheck(join('docs', 'reference', 'errors.md'), renderPage())

function renderPage(): string {
  const chapters = Object.entries(categories).map(([category, meaning]) =>
    renderCategory(category, meaning),
  )
  const opening = [
    '# Errors',
    '',
    'Generated from `packages/engine/src/error-catalogue.ts` by `tools/generate-error-reference.ts`. Do not edit.',
    '',
    'Every error that Tasker raises is a `TaskerError` with a `code` to branch on, a `category`, and',
    '`details` as fields. Its message says what happened, then what to do; the second part stands here.',
    'Handlers may throw `RetryableError` and `PermanentError`; these have no code of ours.',
    '',
  ]
  return `${opening.join('\n')}\n${chapters.join('\n')}`
}

function renderCategory(category: string, meaning: string): string {
  const rows = Object.entries(errorCatalogue)
    .filter(([, entry]) => entry.category === category)
    .toSorted(([one], [other]) => one.localeCompare(other, 'en'))
    .map(([code, entry]) => `| \`${code}\` | ${entry.remedy.replaceAll('|', '\\|')} |`)
  const table = ['| Code | What to do |', '|---|---|', ...rows]
  return `## \`${category}\`\n\n${meaning}\n\n${table.join('\n')}\n`
}
