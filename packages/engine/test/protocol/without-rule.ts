// Takes one rule out of one SQL function until the test ends, to show what the rule is good for.
import { onTestFinished } from 'vitest'
import { readSqlFiles } from '../../src/database/sql-files.ts'
import { testSchema } from '../support/template.ts'
import type { Lab } from './lab.ts'

/** Installs the function as `edit` leaves it. An edit that changes nothing is an error: the test would prove nothing. */
export async function withoutRule(
  lab: Lab,
  functionName: string,
  edit: (sql: string) => string,
): Promise<void> {
  const { functions } = await readSqlFiles(testSchema)
  const file = functions.find(({ name }) => name === functionName)
  if (file === undefined) throw new Error(`There is no sql/functions/${functionName}.sql.`)
  const edited = edit(file.sql)
  if (edited === file.sql) throw new Error(`The edit of ${functionName} changed nothing.`)
  await lab.eye.query(edited)
  // Hooks run backwards: the rule is back before the lab's connections close.
  onTestFinished(async () => {
    await lab.eye.query(file.sql)
  })
}

/** Replaces the one place where `from` stands. */
export function replaceOnce(sql: string, from: string, to: string): string {
  const places = sql.split(from).length - 1
  if (places !== 1) throw new Error(`Found ${places} times, not once: ${from}`)
  return sql.replace(from, () => to)
}

/** Replaces every place where `from` stands; at least one. */
export function replaceEach(sql: string, from: string, to: string): string {
  if (!sql.includes(from)) throw new Error(`Not found: ${from}`)
  return sql.replaceAll(from, () => to)
}
