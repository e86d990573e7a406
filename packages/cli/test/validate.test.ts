// `tasker validate definitions`: the faults of YAML files, for people and for CI.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { runCommand } from './run-command.ts'

const good = `name: order
step_templates:
  - { name: fetch, handler_class: Fetch }
  - { name: charge, handler_class: Charge, depends_on_step: fetch }
`
const bad = `name: refund
step_templates:
  - { name: check, handler_class: Check, depends_on_step: chekc }
  - { name: pay, handler_class: Pay, default_retry_limit: many }
`

async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tasker-validate-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await mkdir(join(folder, 'config/tasker/tasks'), { recursive: true })
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  return folder
}

test('every fault of every file, each with its place; the exit code is 1', async () => {
  const cwd = await folderWith({ 'good.yaml': good, 'bad.yaml': bad, 'broken.yaml': 'name: [' })
  const { exitCode, stdout } = await runCommand(
    ['validate', 'definitions', 'good.yaml', 'bad.yaml', 'broken.yaml', 'absent.yaml'],
    { cwd },
  )
  expect(exitCode).toBe(1)
  expect(stdout).toMatch(/^bad\.yaml:3:\d+ .*did you mean "check"/m)
  expect(stdout).toMatch(/^bad\.yaml:4:\d+ .*many/m)
  expect(stdout).toMatch(/^broken\.yaml:1:\d+ YAML: /m)
  expect(stdout).toMatch(/^absent\.yaml:1:1 file: cannot be read: /m)
  expect(stdout).toMatch(/\n3 files, \d faults\.\n$/)
})

test('without paths it reads the directory of the configuration; files without a fault end with 0', async () => {
  const cwd = await folderWith({ 'config/tasker/tasks/order.yaml': good })
  const { exitCode, stdout } = await runCommand(['validate', 'definitions'], { cwd })
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '1 file, no fault.\n' })
})

test('handlers of the configuration file are looked for', async () => {
  const config = `export default { handlers: { Fetch: async () => null, Chrge: async () => null } }`
  const cwd = await folderWith({ 'tasker.config.mjs': config, 'good.yaml': good })
  const { exitCode, stdout } = await runCommand(['validate', 'definitions', 'good.yaml'], { cwd })
  expect(exitCode).toBe(1)
  expect(stdout).toContain('no handler "Charge" was given; did you mean "Chrge"?')
})

test('with --json the report is one document', async () => {
  const cwd = await folderWith({ 'good.yaml': good, 'bad.yaml': bad })
  const { exitCode, stdout } = await runCommand(['validate', 'definitions', '.', '--json'], { cwd })
  expect(exitCode).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject({
    files: ['bad.yaml', 'good.yaml'],
    definitions: [{ namespace: 'default', name: 'order', version: '0.1.0' }],
    faults: [
      { file: 'bad.yaml', line: 3, path: 'step_templates.0.depends_on_step' },
      { file: 'bad.yaml', line: 4, path: 'step_templates.1.default_retry_limit' },
    ],
  })
})
