// Options: all faults at once, and nothing that would open the server or weaken it in passing.

import { expect, test } from 'vitest'

import { EmbeddedPostgresError, embeddedPostgresErrors } from '../src/index.ts'
import { checkOptions } from '../src/options.ts'

test('every fault is reported at once', () => {
  const check = () =>
    checkOptions({
      folder: ' ',
      database: 'x'.repeat(64),
      settings: { listen_addresses: '*', FSYNC: 'off', 'a b': '1' },
    })
  expect(check).toThrow(EmbeddedPostgresError)
  expect(check).toThrow(
    [
      'The options of the embedded PostgreSQL have 5 faults:',
      '  - folder: expected a path, got " "',
      `  - database: expected 1 to 63 letters, digits, _ or -, got "${'x'.repeat(64)}"`,
      '  - settings.listen_addresses: may not be set, the server is reached over its private socket only',
      '  - settings.FSYNC: may not be set, use `durability`',
      '  - settings.a b: expected the name of a server setting',
    ].join('\n'),
  )
})

test('what is left out has its default', () => {
  const { folder, database, durability, settings } = checkOptions({ folder: './.tasker' })
  expect({ folder, database, durability, settings }).toEqual({
    folder: './.tasker',
    database: 'tasker',
    durability: 'safe',
    settings: {},
  })
})

test('every error says what to do', () => {
  const remedies = Object.entries(embeddedPostgresErrors)
  expect(remedies.filter(([, remedy]) => !/^[A-Z].*\.$/.test(remedy))).toEqual([])
})
