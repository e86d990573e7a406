// The command line of the benchmark's programs: everything wrong is told at once, and nothing is measured then.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readArguments, type Arguments, type OptionRule } from '../src/options.ts'

const rules: Readonly<Record<string, OptionRule>> = {
  workload: { takes: 'names', known: ['linear', 'wide'], says: 'What.' },
  runs: { takes: 'count', otherwise: 3, says: 'How often.' },
  workers: { takes: 'count', says: 'With how many.' },
  database: { takes: 'text', says: 'Where.' },
  json: { takes: 'nothing', says: 'How.' },
}

test('every fault is named, with what would be right', () => {
  const args = [
    '--workload',
    'lniear',
    '--runs=0',
    '--rnus',
    '4',
    '--json=yes',
    'fast',
    '--database',
  ]
  expect(readArguments(rules, args)).toEqual({
    faults: [
      '--workload lniear: there are linear, wide',
      '--runs 0: a whole number from 1 to 1000000',
      '--rnus: there are --workload, --runs, --workers, --database, --json',
      '--json takes no value',
      'fast: nothing is asked for without --',
      '--database takes a value',
    ],
  })
})

test('what is not given has its default; names may be repeated and count once', () => {
  const none = given()
  expect(none.names('workload')).toEqual(['linear', 'wide'])
  expect(none.count('runs')).toBe(3)
  expect(none.count('workers')).toBeNull()
  expect(none.text('database')).toBeNull()
  expect(none.isSet('json')).toBe(false)

  const some = given('--workload', 'wide', '--workload=wide', '--runs', '7', '--json')
  expect(some.names('workload')).toEqual(['wide'])
  expect(some.count('runs')).toBe(7)
  expect(some.isSet('json')).toBe(true)
})

test.for([
  ['run.ts', '--workload'],
  ['peers.ts', '--peers'],
])(
  '%s tells what there is with --help, and refuses with exit code 2 what there is not',
  ([program, option]) => {
    const start = (...args: string[]) =>
      spawnSync(
        process.execPath,
        [
          '--conditions=@tasker/source',
          join(import.meta.dirname, '..', 'src', program ?? ''),
          ...args,
        ],
        { encoding: 'utf8' },
      )
    const help = start('--help')
    expect(help.status).toBe(0)
    expect(help.stdout).toContain(option)
    const refused = start('--workload', 'nothing-such', '--slots', 'many')
    expect(refused.status).toBe(2)
    expect(refused.stdout).toBe('')
    expect(refused.stderr).toMatch(/nothing-such: there are linear.*\n--slots many: a whole number/)
  },
)

function given(...args: readonly string[]): Arguments {
  const read = readArguments(rules, args)
  if (read.faults !== null) throw new Error(read.faults.join('; '))
  return read.given
}
