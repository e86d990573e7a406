// Writes docs/reference/http-statuses.md from the tables in packages/engine/src/http/answer-classes.ts. With --check it only
// says whether the page is fresh. `npm run docs:update` runs all generators.
import { join } from 'node:path'
import {
  httpErrorClasses,
  httpStatusClasses,
  type AnswerOutcome,
  type SystemHealth,
} from '../packages/engine/src/http/answer-classes.ts'
import { writeOrCheck } from './generated-page.ts'

const outcomes: Readonly<Record<AnswerOutcome, string>> = {
  success: 'success',
  retryable: 'tried again',
  permanent: 'ends the step',
}

const healths: Readonly<Record<SystemHealth, string>> = {
  up: 'works',
  down: 'a failure',
  unknown: 'not counted',
}

const opening = [
  '# What answers of other systems mean',
  '',
  'Generated from `packages/engine/src/http/answer-classes.ts` by `tools/generate-http-reference.ts`. Do not edit.',
  '',
  'What an API step makes of a status, or of a request that brought no answer, and how it counts for the',
  'circuit breaker of the dependent system. A step can say otherwise: `classify: { 404: "success", "5xx":',
  '"permanent", HTTP_TIMEOUT: "permanent" }`, by status, by class or by code; the status goes before its class. An',
  'answer that the step calls a success or permanent counts as one of a system that works.',
  '',
  'An attempt that ends the step has the code `HTTP_<status>`, or the code below. A legal `Retry-After` is honoured on',
  'every status that is tried again, up to `backoff.maxBackoffSeconds`.',
  '',
]

writeOrCheck(join('docs', 'reference', 'http-statuses.md'), renderPage())

function renderPage(): string {
  const statuses = httpStatusClasses.map(
    ({ from, to, outcome, health, why }) =>
      `| ${from === to ? from : `${from}–${to}`} | ${outcomes[outcome]} | ${healths[health]} | ${why} |`,
  )
  const errors = Object.entries(httpErrorClasses).map(
    ([code, { outcome, health, why }]) =>
      `| \`${code}\` | ${outcomes[outcome]} | ${healths[health]} | ${why} |`,
  )
  const rule = '|---|---|---|---|'
  return [
    ...opening,
    '## Statuses',
    '',
    '| Status | The step | The system | Why |',
    rule,
    ...statuses,
    '',
    '## Requests without an answer',
    '',
    '| Code | The step | The system | What happened |',
    rule,
    ...errors,
    '',
  ].join('\n')
}
