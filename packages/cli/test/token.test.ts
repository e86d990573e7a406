// `tasker token` and `tasker audit` as whoever runs the server uses them.
import { createTasker } from '@tasker/engine'
import { expect, onTestFinished, test } from 'vitest'
import { databaseForFile } from '../../engine/test/support/database.ts'
import type { CliResult } from './run-cli.ts'
import { runCommand } from './run-command.ts'

const database = databaseForFile()

const tasker = (...args: readonly string[]): Promise<CliResult> =>
  runCommand([...args, '--database', database.url])

async function verify(secret: string) {
  const opened = await createTasker({ database: { url: database.url } })
  onTestFinished(() => opened.close())
  return opened.apiTokens.verify(secret)
}

test('a token is made, its secret is all that stdout has, and the log says who made it', async () => {
  const scopes = ['--scope', 'tasker.task:*', '--scope', 'tasker.handler:index']
  const bounds = ['--namespace', 'shop', '--expires', '1h', '--actor', 'ana']
  const made = await tasker('token', 'create', 'deploy', ...scopes, ...bounds)
  expect(made.exitCode).toBe(0)
  expect(made.stdout).toMatch(/^tsk_[0-9a-f]{16}_[\w-]{43}\n$/)
  expect(made.stderr).toMatch(
    /^Token deploy: tasker\.task:\*, tasker\.handler:index in namespaces shop; expires \d{4}-/m,
  )
  expect(await verify(made.stdout.trim())).toMatchObject({
    status: 'valid',
    token: { name: 'deploy', namespaces: ['shop'], createdBy: 'ana' },
  })

  const list = await tasker('token', 'list')
  expect(list.stdout).toMatch(/^ {2}deploy +[0-9a-f]{16} +valid +\d{4}-.* +shop +tasker\.task:\*/m)
  expect(list.stdout).not.toContain(made.stdout.trim().slice(21))
  const log = await tasker('audit', 'list', '--operation', 'createApiToken')
  expect(log.stdout).toMatch(/ {2}ana +createApiToken +done +\{"token":"deploy"/)
  expect(log.stdout).not.toContain(made.stdout.trim().slice(21))
})

test('a permission that does not exist makes none, and says which there are', async () => {
  const made = await tasker('token', 'create', 'typo', '--scope', 'tasker.task:shwo')
  expect(made).toMatchObject({ exitCode: 2, stdout: '' })
  expect(made.stderr).toContain('tasker.task:shwo is no permission. There are: tasker.task:index,')
  const unnamed = await tasker('token', 'create', 'scopeless')
  expect(unnamed.stderr).toContain("required option '--scope <permission>' not specified")
  const late = await tasker('token', 'create', 'late', '--scope', '*', '--expires', 'soon')
  expect(late.stderr).toContain('Expected never, or a number and a unit')
})

test('a rotated token has another secret, a revoked one none that is accepted', async () => {
  const made = await tasker('token', 'create', 'ci', '--scope', '*', '--expires', 'never')
  const rotated = await tasker('token', 'rotate', 'ci', '--grace', '10m')
  expect(rotated.stderr).toMatch(/^The secret before holds until \d{4}-/m)
  const secrets = [made, rotated].map(({ stdout }) => stdout.trim())
  const checks = async () => (await Promise.all(secrets.map(verify))).map(({ status }) => status)
  expect(await checks()).toEqual(['valid', 'valid'])

  const revoked = await tasker('token', 'revoke', 'ci')
  expect(revoked.stdout).toBe('Token ci is revoked: every server refuses it from now on.\n')
  expect(await checks()).toEqual(['revoked', 'revoked'])
  const again = await tasker('token', 'revoke', 'ci')
  expect(again).toMatchObject({ exitCode: 1, stdout: '' })
  expect(again.stderr).toContain('API_TOKEN_NOT_FOUND: Token "ci" was revoked by cli')
})

test('the log is shown by page, and pruned only when that is meant', async () => {
  for (const name of ['one', 'two', 'three']) await tasker('token', 'create', name, '--scope', '*')
  const page = await tasker('audit', 'list', '--limit', '2')
  expect(page.stdout.trimEnd().split('\n')).toHaveLength(3)
  const after = /There are more: .* audit list --limit 2 --after (\d+)/.exec(page.stderr)?.[1] ?? ''
  const rest = await tasker('audit', 'list', '--limit', '2', '--after', after)
  expect(rest.stdout).toContain('"one"')
  expect(await tasker('audit', 'prune', '--older-than', '0s')).toMatchObject({ exitCode: 2 })
  const pruned = await tasker('audit', 'prune', '--older-than', '0s', '--yes')
  expect(pruned.stdout).toMatch(/^Removed \d+ entries\.\n$/)
  expect((await tasker('audit', 'list')).stdout).toBe('No entries.\n')
})
