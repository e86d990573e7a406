// Each tidy rule is shown samples that break it and samples that keep it: a rule that cannot fail guards nothing.
import { describe, expect, test } from 'vitest'
import type { SourceFile } from './source-files.ts'
import { tidyRules } from './tidy-rules.ts'

interface Sample {
  readonly rule: string
  /** Each must give at least one fault by itself. */
  readonly bad: readonly SourceFile[]
  /** Together they must give none. */
  readonly good: readonly SourceFile[]
}

const file = (path: string, text = ''): SourceFile => ({ path, text })
const engine = (path: string, text = ''): SourceFile => file(`packages/engine/src/${path}`, text)
const sqlFunction = (text: string): SourceFile => file('packages/engine/sql/functions/f.sql', text)
const suite = (text: string): SourceFile => file('packages/engine/test/a.test.ts', text)
const changelog = (text: string): SourceFile => file('CHANGELOG.md', text)
const lock = (packages: Readonly<Record<string, object>>): SourceFile =>
  file('package-lock.json', JSON.stringify({ packages }))

/** Joins what would break the rules in this very file if it were written in one piece. */
const joined = (...parts: readonly string[]): string => parts.join('')

const samples: readonly Sample[] = [
  {
    rule: 'each source file starts with a comment that says what it owns',
    bad: [
      engine('a.ts', 'export {}\n'),
      sqlFunction('create function f()'),
      file('.ci/run', '#!/bin/sh\nnpm test'),
    ],
    good: [
      engine('a.ts', '// Owns a.\nexport {}'),
      engine('bin.ts', '#!/usr/bin/env node\n// Owns the command.'),
      sqlFunction('-- Does f.\n'),
      file('.ci/run', '#!/bin/sh\n# Runs the tests.\n'),
      file('README.md', '# Tasker'),
    ],
  },
  {
    rule: 'no file or folder is named after nothing in particular',
    bad: [
      engine('utils.ts'),
      engine('utils/a.ts'),
      engine('task-manager.ts'),
      engine('common/a.ts'),
      engine('definitions/types.ts'),
      file('packages/engine/test/test-helpers.ts'),
    ],
    good: [
      engine('clock.ts'),
      engine('definitions/builder-types.ts'),
      file('packages/engine/test/types/builder.test-d.ts'),
    ],
  },
  {
    rule: 'no source file is longer than 400 lines',
    bad: [engine('a.ts', '\n'.repeat(401))],
    good: [
      engine('a.ts', '\n'.repeat(400)),
      file('packages/engine/sql/schema.snapshot.sql', '\n'.repeat(900)),
    ],
  },
  {
    rule: 'imports go down the levels, and packages meet at their doors',
    bad: [
      engine('errors.ts', `import { a } from './config.ts'`),
      engine('definitions/a.ts', `import { a } from '../steps/run.ts'`),
      engine('definitions/a.ts', `export * from '../config.ts'`),
      engine('steps/a.ts', `const a = await import('../dispatch/worker.ts')`),
      engine('tasks/a.ts', `import { a } from '../steps/run.ts'`),
      engine('dispatch/a.ts', `import { a } from '../telemetry/observe.ts'`),
      engine('telemetry/a.ts', `import { a } from '../database/steps.ts'`),
      engine('brand-new.ts', `import { a } from './errors.ts'`),
      engine('tasker.ts', `import { a } from '@tasker/server'`),
      engine('tasker.ts', `import { a } from '../../cli/src/bin.ts'`),
      file('packages/dashboard/src/a.ts', `import { a } from '@tasker/engine'`),
      file('packages/server/src/a.ts', `import { a } from '@tasker/engine/dist/errors.js'`),
    ],
    good: [
      engine('tasker.ts', `import { a } from './telemetry/observe.ts'`),
      engine('steps/a.ts', `import type { A } from '../database/steps.ts'`),
      engine('steps/a.ts', `import { b } from './b.ts'`),
      engine('steps/a.ts', `// import { b } from '../dispatch/worker.ts'`),
      engine('config/a.ts', `import { b } from '../config.ts'`),
      engine('database/a.ts', `import type { A } from '../definitions/model.ts'`),
      file('packages/cli/src/a.ts', `import { a } from '@tasker/engine'`),
    ],
  },
  {
    rule: 'SQL stands in the engine, under sql/ and src/database/ only',
    bad: [
      engine('tasks/a.ts', 'query(`select 1`)'),
      engine('tasks/a.ts', 'query(`\n  update tasker.tasks set state = 1`)'),
      file('packages/server/src/a.ts', `query('delete from tasker.tasks')`),
      engine('dispatch/a.ts', `import pg from 'pg'`),
    ],
    good: [
      engine('database/a.ts', 'query(`select 1`)'),
      engine('tasks/a.ts', `throw new Error('Select a task first, then update it.')`),
    ],
  },
  {
    rule: 'each update of steps, tasks and workers repeats its precondition',
    bad: [
      sqlFunction('update tasker.workflow_steps s set x = 1;'),
      sqlFunction(`update tasker.workflow_steps s set state = 'complete' where s.task_id = 1;`),
      sqlFunction(
        `update tasker.workflow_steps s set x = 1 where s.state = 'in_progress' returning s.claim_no;`,
      ),
      sqlFunction(
        `with a as (update tasker.tasks t set state = 'error' where t.task_id in (select state from b)) select 1;`,
      ),
      sqlFunction('update tasker.workers w set lease = 1 where w.worker_id = 1; -- state'),
    ],
    good: [
      sqlFunction(
        `update tasker.workflow_steps s set state = 'complete'
         from (select 1 where true) b
         where s.task_id = b.task_id and s.state = 'in_progress' and s.claim_no = b.claim_no
         returning s.task_id;`,
      ),
      sqlFunction(`update tasker.workers w set lease = 1 where w.state = 'live';`),
      sqlFunction('update tasker.due d set lane = 0 where d.task_id = 1;'),
    ],
  },
  {
    rule: 'nothing but the clock reads the time',
    bad: [
      engine('a.ts', 'const a = Date.now()'),
      engine('a.ts', 'const a = new Date()'),
      file('packages/cli/src/a.ts', 'const a = performance.now()'),
    ],
    good: [
      engine('clock.ts', 'const a = Date.now()'),
      engine('a.ts', '// not Date.now()\nconst a = new Date(row.at)'),
      suite('const a = Date.now()'),
    ],
  },
  {
    rule: 'the environment is read in one place of each package',
    bad: [
      engine('tasks/a.ts', `const a = process.env['A']`),
      file('packages/server/src/a.ts', 'const a = process.env'),
    ],
    good: [
      engine('config.ts', 'const a = process.env'),
      file('packages/cli/src/bin.ts', 'const a = process.env'),
      engine('tasks/a.ts', '// process.env is config.ts’s'),
    ],
  },
  {
    rule: 'modules hold no state',
    bad: [
      engine('a.ts', 'let count = 0'),
      engine('a.ts', 'export const registered: Map<string, A> = new Map()'),
      engine('a.ts', 'const seen = new Set<string>()'),
    ],
    good: [
      engine('a.ts', `const names = new Set(['a'])\nfunction f() {\n  let count = 0\n}`),
      engine('a.ts', 'const limit = 3'),
    ],
  },
  {
    rule: 'no test is focused, skipped or left for later',
    bad: ['only', 'skip', 'todo'].map((word) => suite(joined('test', '.', word, `('a')`))),
    good: [suite(`test('a', () => {})`), engine('a.ts', joined('it', '.', 'only'))],
  },
  {
    rule: 'tests wait for events, never for time',
    bad: [
      suite(joined('await new Promise((done) => setTimeout', '(done, 50))')),
      suite(joined('await sle', 'ep(10)')),
      suite(joined('await setTime', 'out(10)')),
    ],
    good: [suite(`clock.advance(50)\nawait event('step.completed')`)],
  },
  {
    rule: 'a rule that is switched off has its reason beside it',
    bad: [engine('a.ts', joined('// oxlint-', 'disable-next-line no-console'))],
    good: [engine('a.ts', joined('// oxlint-', 'disable-next-line no-console -- talks to people'))],
  },
  {
    rule: 'no path of one machine, no download address of one registry',
    bad: [
      file('docs/a.md', joined('see /ho', 'me/ada/tasker')),
      file('package-lock.json', joined('"resol', 'ved": "https://example.org/a.tgz"')),
      file('.npmrc', joined('registry=https://regis', 'try.example.org')),
    ],
    good: [
      file('docs/a.md', 'see ./home/page, https://example.org/home/a and /usr/lib/postgresql'),
      file('package-lock.json', '"resolved": "packages/cli"'),
    ],
  },
  {
    rule: 'the lock file lists the optional packages of every platform',
    bad: [lock({ 'node_modules/a': { optionalDependencies: { 'a-darwin': '1.0.0' } } })],
    good: [
      lock({
        'node_modules/a': { optionalDependencies: { 'a-darwin': '1.0.0', 'a-linux': '1.0.0' } },
        'node_modules/a-darwin': {},
        'node_modules/a/node_modules/a-linux': {},
      }),
    ],
  },
  {
    rule: 'the folder beside the repository is known to one test file at most',
    bad: [file('README.md', joined('see .', './shared/spec'))],
    good: [file('packages/engine/test/support/graphs.ts', joined('.', './shared/data'))],
  },
  {
    rule: 'the changelog keeps its form',
    bad: [
      changelog('# Changes\n\n## [Unreleased]\n'),
      changelog('# Changelog\n\n## [1.0.0] - 2026-01-31\n'),
      changelog('# Changelog\n\n## [Unreleased]\n\n## 1.0.0\n'),
      changelog('# Changelog\n\n## [Unreleased]\n\n### New\n'),
    ],
    good: [
      changelog(
        '# Changelog\n\n## [Unreleased]\n\n### Added\n\n## [1.0.0] - 2026-01-31\n\n### Fixed\n',
      ),
    ],
  },
  {
    rule: 'links between pages lead somewhere',
    bad: [file('docs/a.md', '[b](b.md)'), file('README.md', '[docs](docs/#top)')],
    good: [
      file('docs/guides/a.md', '[b](../b.md#part) [c](https://example.org) [d](#here)'),
      file('docs/b.md', '```md\n[not](a/link.md)\n```'),
    ],
  },
]

test('every rule has its samples', () => {
  expect(samples.map((sample) => sample.rule)).toEqual(tidyRules.map((rule) => rule.name))
})

describe.for(samples)('$rule', ({ rule: name, bad, good }) => {
  const check = tidyRules.find((rule) => rule.name === name)?.check ?? (() => [])

  test.for(bad)('refuses $path: $text', (sample) => {
    expect(check([sample])).not.toEqual([])
  })

  test('accepts what keeps it', () => {
    expect(check(good)).toEqual([])
  })
})

test('two files of a kind that may be there once are one too many', () => {
  const neighbours = tidyRules.find((rule) => rule.name.startsWith('the folder beside'))
  const environment = tidyRules.find((rule) => rule.name.startsWith('the environment'))
  const naming = joined('.', './shared/data')
  const support = 'packages/engine/test/support/'
  const twice = [file(`${support}a.ts`, naming), file(`${support}b.ts`, naming)]
  expect(neighbours?.check(twice)).toEqual([`${support}b.ts: is the second file to name it`])
  const cli = ['a', 'b'].map((name) => file(`packages/cli/src/${name}.ts`, 'process.env'))
  expect(environment?.check(cli)).toHaveLength(1)
})
