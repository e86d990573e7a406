// The guarantees page names the tests and chaos scenarios that prove it. Each link must lead to a file that is there, each
// quoted name must be the name of a test in that file, and no promise may stand without a proof.
import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { root } from '../tools/run-program.ts'

const folder = join(root, 'docs', 'guides')
const page = readFileSync(join(folder, 'guarantees.md'), 'utf8')
const promised = page.slice(page.indexOf('\n## What is promised'), page.indexOf('\n## What is not'))
const promises = promised.split('\n### ').slice(1)
const faults = page.split('\n').filter((line) => /^\| (?!Fault|-)/.test(line))

interface Proof {
  readonly file: string
  /** Names of tests, as quoted behind the link; none behind a scenario. */
  readonly names: readonly string[]
}

/** Links to tests and scenarios, each with what is quoted up to the next link, item of a list or paragraph. */
function proofsIn(text: string): readonly Proof[] {
  const links = text.matchAll(
    /\]\((\S+?(?:\.test\.ts|scenarios\/[\w-]+\.ts))\)((?:(?!\]\(|\n\n|\n- )[^])*)/g,
  )
  return [...links].map(([, file = '', rest = '']) => ({
    file: join(folder, file),
    names: [...rest.matchAll(/“([^”]+)”/g)].map(([, name = '']) => name.replace(/\s+/g, ' ')),
  }))
}

/** Whether a test, or what stands around tests, has this name; behind it may follow what it is run with. */
function hasTest(text: string, name: string): boolean {
  const titles = text.matchAll(
    /(?:'((?:[^'\\\n]|\\.)+)'|`((?:[^`\\\n]|\\.)+)`),\s*(?:async )?[({]/g,
  )
  return [...titles].some(([, plain, template]) =>
    plain === undefined ? (template ?? '').startsWith(`${name} (`) : endsAs(plain, name),
  )
}

const endsAs = (title: string, name: string): boolean =>
  title === name || title.endsWith(`%s ${name}`)

/** What is wrong with a proof; empty when it is one. */
function faultsOf({ file, names }: Proof): readonly string[] {
  if (!existsSync(file)) return [`${file} is not there`]
  const text = readFileSync(file, 'utf8')
  if (!file.endsWith('.test.ts')) {
    const name = basename(file, '.ts')
    return text.includes(`name: '${name}'`) ? [] : [`${file} is no scenario ${name}`]
  }
  if (names.length === 0) return [`of ${file} no test is named`]
  return names.filter((name) => !hasTest(text, name)).map((name) => `${file} has no test “${name}”`)
}

test('all ten promises stand on the page', () => {
  expect(promises.map((text) => Number.parseInt(text, 10))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
})

describe('each promise, and each fault, is proven by what is there', () => {
  test.for([...promises, ...faults].map((text) => [text.split('\n')[0]?.slice(0, 60), text]))(
    '%s',
    ([, text = '']) => {
      const proofs = proofsIn(text)
      expect(proofs).not.toEqual([])
      expect(proofs.flatMap(faultsOf)).toEqual([])
    },
  )
})

test('what is renamed or gone is found', () => {
  const proofs = proofsIn(
    '- [x](../../test/guarantees.test.ts): “what is renamed or gone is found”, “of no test”\n' +
      '- [y](../../tools/chaos/scenarios/nothing.ts)\n- [z](../../test/tidy.test.ts)',
  )
  expect(proofs.flatMap(faultsOf).map((fault) => fault.replaceAll(root, ''))).toEqual([
    '/test/guarantees.test.ts has no test “of no test”',
    '/tools/chaos/scenarios/nothing.ts is not there',
    'of /test/tidy.test.ts no test is named',
  ])
})
