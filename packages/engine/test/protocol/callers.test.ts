// The two sides of each boundary agree: states.ts with the check constraints, and every caller in src/database with the
// function it calls.
import { readdir, readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { readReply } from '../../src/database/finish-reply.ts'
import { stepStates, taskStates } from '../../src/states.ts'
import { labsOfFile, type Lab, sorted } from './lab.ts'

const openLab = labsOfFile()
const callers = new URL('../../src/database/', import.meta.url)

async function checkOf(lab: Lab, table: string, column: string): Promise<string[]> {
  const rows = await lab.eye.query(
    `select pg_get_constraintdef(k.oid) as text
     from pg_constraint k
     join pg_attribute a on a.attrelid = k.conrelid and k.conkey = array[a.attnum]
     where k.conrelid = $1::regclass and k.contype = 'c' and a.attname = $2`,
    [table, column],
  )
  return [...String(rows[0]?.['text']).matchAll(/'([a-z_]+)'/g)].map((match) => match[1] ?? '')
}

test.each([
  ['tasker.tasks', taskStates],
  ['tasker.workflow_steps', stepStates],
])('%s allows exactly the states that states.ts lists', async (table, states) => {
  expect(sorted(await checkOf(await openLab(), table, 'state'))).toEqual(sorted(states))
})

interface Call {
  readonly file: string
  readonly name: string
  readonly args: number
}

/** Calls of a function of the schema: `${schema}.name(` up to its closing parenthesis. */
async function callsIn(file: string): Promise<Call[]> {
  const text = await readFile(new URL(file, callers), 'utf8')
  return [...text.matchAll(/\$\{(?:database\.)?schema\}\.([a-z_]+)\(/g)].map((match) => ({
    file,
    name: match[1] ?? '',
    args: countArguments(text.slice(match.index + match[0].length)),
  }))
}

/** Commas outside brackets, up to the bracket that closes the call. */
function countArguments(text: string): number {
  let depth = 0
  let commas = 0
  for (const [index, character] of text.split('').entries()) {
    if (character === ')' && depth === 0) return text.slice(0, index).trim() === '' ? 0 : commas + 1
    if ('([{'.includes(character)) depth += 1
    if (')]}'.includes(character)) depth -= 1
    if (character === ',' && depth === 0) commas += 1
  }
  throw new Error('A call without an end.')
}

test('every caller in src/database passes what its function takes', async () => {
  const lab = await openLab()
  const files = (await readdir(callers)).filter((file) => file.endsWith('.ts'))
  const calls = (await Promise.all(files.map(callsIn))).flat()
  const rows = await lab.eye.query(
    `select proname, pronargs - pronargdefaults as least, pronargs as most
     from pg_proc where pronamespace = 'tasker'::regnamespace`,
  )
  const functions = new Map(rows.map((row) => [row['proname'], row]))
  const wrong = calls.filter(({ name, args }) => {
    const found = functions.get(name)
    return !(Number(found?.['least']) <= args && args <= Number(found?.['most']))
  })
  expect(wrong).toEqual([])
  const names = calls.map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(['finish_steps', 'create_tasks', 'renew_worker']))
})

test('no function of the schema is without a caller', async () => {
  const lab = await openLab()
  const rows = await lab.eye.query(
    `select proname, prosrc from pg_proc
     where pronamespace = 'tasker'::regnamespace and prorettype <> 'trigger'::regtype`,
  )
  const files = (await readdir(callers)).filter((file) => file.endsWith('.ts'))
  const sources = await Promise.all(files.map((file) => readFile(new URL(file, callers), 'utf8')))
  const isCalled = (name: string): boolean =>
    sources.some((text) => text.includes(`.${name}(`)) ||
    rows.some((row) => String(row['prosrc']).includes(`tasker.${name}(`))
  expect(rows.map((row) => String(row['proname'])).filter((name) => !isCalled(name))).toEqual([])
})

// Preparing parses the statement as a caller sends it, so argument types are resolved by PostgreSQL itself.
test('every statement of a caller is one that PostgreSQL can prepare', async () => {
  const lab = await openLab()
  const files = (await readdir(callers)).filter((file) => file.endsWith('.ts'))
  const texts = await Promise.all(
    files.map(async (file) => {
      const source = await readFile(new URL(file, callers), 'utf8')
      const literals = source.matchAll(
        /`(select [^`]*?\$\{(?:database\.)?schema\}\.[a-z_]+\([^`]*)`/g,
      )
      return [...literals].map((match) =>
        (match[1] ?? '').replaceAll(/\$\{(?:database\.)?schema\}/g, 'tasker'),
      )
    }),
  )
  const statements = texts.flat().filter((text) => !text.includes('${'))
  expect(statements.length).toBeGreaterThan(8)
  for (const [index, text] of statements.entries()) {
    // An error of PostgreSQL names the place.
    await expect(lab.eye.query(`prepare caller_${index} as ${text}`)).resolves.toEqual([])
  }
})

test('a row of a kind that a newer version adds is passed over', () => {
  const reply = readReply([{ row: { kind: 'of_tomorrow' } }, { row: { kind: 'better_waiting' } }])
  expect(reply).toMatchObject({ isBetterWaiting: true, claims: [] })
})
