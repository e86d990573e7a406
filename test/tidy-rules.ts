// Our own rules, those that no linter knows, each a pure function over path and text. tidy.test.ts runs them over the
// repository; tidy-rules.test.ts shows each one a bad sample, so that none can pass by never looking.
import { posix } from 'node:path'
import { importFaults } from './import-levels.ts'
import { withoutComments, withoutSqlComments, type SourceFile } from './source-files.ts'

export interface TidyRule {
  /** A sentence: what holds when the rule passes. */
  readonly name: string
  /** One line per violation, starting with the path. */
  readonly check: (files: readonly SourceFile[]) => readonly string[]
}

const linesMax = 400

/** Sources below have no Clock to be given, or are it. */
const mayReadTime: Readonly<Record<string, string>> = {
  'packages/engine/src/clock.ts': 'it is the clock',
  'packages/embedded-postgres/src/': 'it stands below the engine; its deadlines are a supervisor’s',
}

/** Where the environment is read; the rest of the package is handed the answers. */
const mayReadEnvironment: Readonly<Record<string, RegExp>> = {
  engine: /^packages\/engine\/src\/config(\.ts|\/)/,
  'embedded-postgres': /^packages\/embedded-postgres\/src\/environment\.ts$/,
  cli: /^packages\/cli\/src\/[^/]+\.ts$/, // one edge file: see the rule itself
}

/** `types` alone says nothing; `builder-types` says whose. Compile-time tests are about types. */
const emptyNames = ['types', 'type']
const emptyWords = ['util', 'utils', 'helper', 'helpers', 'common', 'shared', 'manager', 'misc']
const changelogHeadings = ['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security']

export const tidyRules: readonly TidyRule[] = [
  {
    name: 'each source file starts with a comment that says what it owns',
    check: perFile(/\.(ts|tsx|sql)$|^\.ci\/run$/, ({ path, text }) => {
      const [first = ''] = text.replace(/^#!.*\n/, '').split('\n')
      const mark = path.endsWith('.sql') ? '--' : /\.tsx?$/.test(path) ? '//' : '#'
      return first.startsWith(mark) ? [] : [`starts with ${JSON.stringify(first.slice(0, 40))}`]
    }),
  },
  {
    name: 'no file or folder is named after nothing in particular',
    check: perFile(/./, ({ path }) => nameFaults(path)),
  },
  {
    name: `no source file is longer than ${linesMax} lines`,
    check: perFile(/\.(ts|tsx|sql|css)$/, ({ path, text }) => {
      const lines = text.split('\n').length - 1
      if (lines <= linesMax || /generated|snapshot/i.test(path)) return []
      return [`has ${lines} lines: find the "and" in its header and cut there`]
    }),
  },
  {
    name: 'imports go down the levels, and packages meet at their doors',
    check: perFile(/^packages\/[^/]+\/src\//, importFaults),
  },
  {
    name: 'SQL stands in the engine, under sql/ and src/database/ only',
    check: perFile(/^packages\/(engine|server|cli|dashboard)\/src\/.*\.tsx?$/, (file) => {
      if (file.path.startsWith('packages/engine/src/database/')) return []
      const statement =
        /[`'"]\s*(select\s|insert\s+into\s|update\s+[\w."]+\s+(as\s+\w+\s+)?set\s|delete\s+from\s|with\s+\w+\s+as\s*\()/g
      const driver = /\bfrom\s+'pg'/g
      return [
        ...findLines(withoutComments(file.text), statement, 'holds SQL'),
        ...findLines(withoutComments(file.text), driver, 'imports the driver'),
      ]
    }),
  },
  {
    name: 'each update of steps, tasks and workers repeats its precondition',
    check: perFile(/^packages\/engine\/sql\/functions\/.*\.sql$/, ({ text }) =>
      updateFaults(withoutSqlComments(text)),
    ),
  },
  {
    name: 'nothing but the clock reads the time',
    check: perFile(/^packages\/[^/]+\/src\/.*\.tsx?$/, (file) => {
      if (Object.keys(mayReadTime).some((place) => file.path.startsWith(place))) return []
      const reading = /\bDate\.now\(|\bnew Date\(\s*\)|\bperformance\.now\(/g
      return findLines(withoutComments(file.text), reading, 'reads the time: take a Clock')
    }),
  },
  {
    name: 'the environment is read in one place of each package',
    check: environmentFaults,
  },
  {
    name: 'modules hold no state',
    check: perFile(/^packages\/[^/]+\/src\/.*\.tsx?$/, ({ text }) =>
      findLines(
        withoutComments(text),
        /^(export )?(let |var |const \w+(: [^=]+)? = new (Map|Set|WeakMap|WeakSet)(<.*>)?\(\))/gm,
        'keeps state in the module: two Taskers live in one process',
      ),
    ),
  },
  {
    name: 'no test is focused, skipped or left for later',
    check: perFile(/\.(test|spec)\.tsx?$/, ({ text }) =>
      findLines(
        withoutComments(text),
        /\b(?:it|test|describe|suite)\s*\.\s*(?:only|skip|todo)\b|\bx(?:it|describe)\(/g,
        'does not run always',
      ),
    ),
  },
  {
    name: 'tests wait for events, never for time',
    check: perFile(/\.(test|spec)\.tsx?$/, ({ text }) =>
      findLines(
        withoutComments(text),
        /\bsetTimeout\([^)]*,\s*\d{2,}\s*\)|\bsetTimeout\(\s*\d+|\bawait\s+(?:sleep|delay|wait)\(\s*\d/g,
        'waits for time',
      ),
    ),
  },
  {
    name: 'a rule that is switched off has its reason beside it',
    check: perFile(/\.tsx?$/, ({ text }) =>
      findLines(text, /(?:ox|es)lint-disable(?![^\n]* -- \w)/g, 'gives no reason after " -- "'),
    ),
  },
  {
    name: 'no path of one machine, no download address of one registry',
    check: (files) => [
      ...perFile(/./, ({ path, text }) =>
        path === 'package-lock.json'
          ? findLines(text, /"resolved": "https?:/g, 'holds a download address')
          : [
              ...findLines(
                text,
                /(?<![\w.~-])\/(?:home|Users|work|farm|builds)\/\w/g,
                'a local path',
              ),
              ...findLines(text, /\bregistry\.[\w-]+\.\w+/g, 'names a registry'),
            ],
      )(files),
    ],
  },
  {
    // npm leaves out what a registry lacks for another platform, and then `npm ci` refuses the file everywhere.
    name: 'the lock file lists the optional packages of every platform',
    check: perFile(/^package-lock\.json$/, ({ text }) => lockFaults(text)),
  },
  {
    name: 'the folder beside the repository is known to one test file at most',
    check: neighbourFaults,
  },
  {
    name: 'the changelog keeps its form',
    check: perFile(/^CHANGELOG\.md$/, ({ text }) => changelogFaults(text)),
  },
  {
    name: 'links between pages lead somewhere',
    check: linkFaults,
  },
]

function perFile(
  paths: RegExp,
  faultsOf: (file: SourceFile) => readonly string[],
): TidyRule['check'] {
  return (files) =>
    files
      .filter((file) => paths.test(file.path))
      .flatMap((file) => faultsOf(file).map((fault) => joinFault(file.path, fault)))
}

/** Faults that start with a line number read `path:12: …`, the others `path: …`. */
function joinFault(path: string, fault: string): string {
  return /^\d+: /.test(fault) ? `${path}:${fault}` : `${path}: ${fault}`
}

function nameFaults(path: string): readonly string[] {
  const names = path.replace(/\.[^/]*$/, '').split('/')
  const isAboutTypes = path.endsWith('.test-d.ts')
  return names
    .filter(
      (name) =>
        name.split(/[-_]/).some((word) => emptyWords.includes(word)) ||
        (emptyNames.includes(name) && !isAboutTypes),
    )
    .map((name) => `is named "${name}": say what it holds`)
}

function findLines(text: string, pattern: RegExp, fault: string): readonly string[] {
  return [...text.matchAll(pattern)].map((match) => {
    const line = text.slice(0, match.index).split('\n').length
    return `${line}: ${fault}: ${match[0].trim()}`
  })
}

function environmentFaults(files: readonly SourceFile[]): readonly string[] {
  const readers = files.filter(
    ({ path, text }) =>
      /^packages\/[^/]+\/src\/.*\.tsx?$/.test(path) &&
      /\bprocess\.env\b/.test(withoutComments(text)),
  )
  const misplaced = readers.filter(({ path }) => {
    const [, owner = ''] = path.split('/')
    return mayReadEnvironment[owner]?.test(path) !== true
  })
  const ofCli = readers.filter(({ path }) => path.startsWith('packages/cli/'))
  return [
    ...misplaced.map(({ path }) => `${path}: reads process.env`),
    ...ofCli.slice(1).map(({ path }) => `${path}: reads process.env, as ${ofCli[0]?.path} does`),
  ]
}

/** What the row's own where clause must name, so that a lost race changes nothing (protocol: rule 4). */
const preconditions: Readonly<Record<string, RegExp>> = {
  workflow_steps: /\b(state|claim_no|waiting)\b/,
  tasks: /\bstate\b/,
  workers: /\bstate\b/,
}

function updateFaults(sql: string): readonly string[] {
  return [...sql.matchAll(/\bupdate\s+tasker\.(\w+)/g)].flatMap((match) => {
    const table = match[1] ?? ''
    const line = sql.slice(0, match.index).split('\n').length
    const where = whereOf(statementAt(sql, match.index))
    if (where === null) return [`${line}: updates every row of ${table}`]
    if (preconditions[table]?.test(where) === false) {
      return [`${line}: updates ${table} without its precondition`]
    }
    const isLeaving = /\bstate\s*=\s*'in_progress'/.test(where)
    return table === 'workflow_steps' && isLeaving && !/\bclaim_no\b/.test(where)
      ? [`${line}: ends a claim without comparing claim_no`]
      : []
  })
}

/** From `start` to the end of the statement: a semicolon, or the parenthesis that closes around it. */
function statementAt(sql: string, start: number): string {
  let depth = 0
  for (let at = start; at < sql.length; at += 1) {
    if (sql[at] === '(') depth += 1
    if (sql[at] === ')') depth -= 1
    if (depth < 0 || (depth === 0 && sql[at] === ';')) return sql.slice(start, at)
  }
  return sql.slice(start)
}

/** The statement's own where clause: the last one outside parentheses, up to `returning`, without its sub-queries. */
function whereOf(statement: string): string | null {
  const top = blankNested(statement)
  const at = [...top.matchAll(/\bwhere\b/g)].at(-1)?.index
  if (at === undefined) return null
  const end = top.slice(at).search(/\breturning\b/)
  const where = statement.slice(at, end < 0 ? undefined : at + end)
  return where.replaceAll(/\(\s*select\b[^()]*\)/g, '')
}

/** The same length, with everything inside parentheses blanked. */
function blankNested(statement: string): string {
  let depth = 0
  return Array.from(statement, (character) => {
    if (character === '(') depth += 1
    if (character === ')') depth -= 1
    return depth > 0 ? ' ' : character
  }).join('')
}

function neighbourFaults(files: readonly SourceFile[]): readonly string[] {
  const knowing = files.filter(({ text }) => /\.\.\/shared\b/.test(text)).map(({ path }) => path)
  const isAllowed = (path: string): boolean => path.startsWith('packages/engine/test/support/')
  return [
    ...knowing.filter((path) => !isAllowed(path)).map((path) => `${path}: names that folder`),
    ...knowing
      .filter(isAllowed)
      .slice(1)
      .map((path) => `${path}: is the second file to name it`),
  ]
}

interface LockFile {
  readonly packages: Readonly<Record<string, { optionalDependencies?: Record<string, string> }>>
}

function lockFaults(text: string): readonly string[] {
  const { packages } = JSON.parse(text) as LockFile // npm's own format, version 3
  return Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !foldersAbove(path).some((folder) => `${folder}${name}` in packages))
      .map((name) => `lacks ${name}, which ${path || 'the workspace'} may need elsewhere`),
  )
}

/** Where Node would look from `path`: its own node_modules, then those above. */
function foldersAbove(path: string): readonly string[] {
  const parts = path === '' ? [] : path.split('/')
  const folders = parts.map((_, at) => `${parts.slice(0, at + 1).join('/')}/node_modules/`)
  return ['node_modules/', ...folders].toReversed()
}

function changelogFaults(text: string): readonly string[] {
  const headings = [...text.matchAll(/^(#{1,3}) (.+)$/gm)].map((match) => [
    match[1],
    match[2] ?? '',
  ])
  const versions = headings.filter(([level]) => level === '##').map(([, title = '']) => title)
  const sections = headings.filter(([level]) => level === '###').map(([, title = '']) => title)
  const isVersion = (title: string): boolean =>
    /^\[\d+\.\d+\.\d+(-[\w.]+)?\] - \d{4}-\d{2}-\d{2}$/.test(title)
  return [
    ...(headings[0]?.[1] === 'Changelog' ? [] : ['must open with "# Changelog"']),
    ...(versions[0] === '[Unreleased]' ? [] : ['its first version must be "## [Unreleased]"']),
    ...versions
      .slice(1)
      .filter((title) => !isVersion(title))
      .map((title) => `"${title}" is not "[1.2.3] - 2026-01-31"`),
    ...sections
      .filter((title) => !changelogHeadings.includes(title))
      .map((title) => `"${title}" is none of ${changelogHeadings.join(', ')}`),
  ]
}

function linkFaults(files: readonly SourceFile[]): readonly string[] {
  const paths = files.map((file) => file.path)
  const exists = (target: string): boolean =>
    paths.some((path) => path === target || path.startsWith(`${target.replace(/\/$/, '')}/`))
  return perFile(/\.md$/, ({ path, text }) => {
    const prose = text.replaceAll(/```[\s\S]*?```/g, '')
    return [...prose.matchAll(/\]\((?!\w+:|#)([^)#\s]+)(?:#[^)]*)?\)/g)]
      .map((match) => match[1] ?? '')
      .filter((link) => !exists(posix.normalize(posix.join(posix.dirname(path), link))))
      .map((link) => `links to ${link}, which is not there`)
  })(files)
}
