// `validateDefinitions`: the check of YAML files for CI, as a value.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { validateDefinitions } from '../../src/definitions/yaml-files.ts'
import { ok, yaml } from './read-yaml.ts'

const order = (name: string) => `
  name: ${name}
  version: \${ORDER_VERSION:-1.0.0}
  step_templates:
    - { name: fetch, handler_class: Fetch, handler_config: { key: '\${API_KEY}' } }
  environments:
    test: { step_templates: [{ name: fetch, timeout_seconds: soon }] }
`

async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tasker-validate-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), yaml(text))
  return folder
}

const sound = `
  name: sound
  step_templates: [{ name: a, handler_class: A }]
`

test('every environment is checked, without the variables and handlers that CI has not', async () => {
  const folder = await folderWith({ 'order.yaml': order('order'), 'sound.yml': sound })
  const { files, definitions, faults } = await validateDefinitions({ paths: [folder] })
  expect(files).toEqual([join(folder, 'order.yaml'), join(folder, 'sound.yml')])
  expect(definitions.map(({ name }) => name)).toEqual(['sound'])
  expect(faults).toMatchObject([
    { file: files[0], line: 6, path: 'environments.test.step_templates.0.timeout_seconds' },
  ])
})

test('handlers that are given are looked for', async () => {
  const folder = await folderWith({ 'sound.yml': sound })
  const check = async (handlers: Record<string, unknown>) =>
    (await validateDefinitions({ paths: [folder], handlers })).faults.map(({ message }) => message)
  expect(await check({ A: ok })).toEqual([])
  expect(await check({ B: ok })).toEqual(['no handler "A" was given'])
})

test('a file that is named twice is read once; two files with one address are a fault', async () => {
  const folder = await folderWith({ 'a.yml': sound, 'b.yml': sound })
  const one = join(folder, 'a.yml')
  expect(await validateDefinitions({ paths: [one, pathToFileURL(one)] })).toMatchObject({
    files: [one],
    faults: [],
  })
  const { faults } = await validateDefinitions({ paths: [folder] })
  expect(faults).toMatchObject([{ file: join(folder, 'b.yml'), path: 'version' }])
})

test('a path that is not there is a fault among the others', async () => {
  const folder = await folderWith({ 'a.yml': sound })
  const { definitions, faults } = await validateDefinitions({
    paths: [join(folder, 'absent'), folder],
  })
  expect(definitions).toHaveLength(1)
  expect(faults).toMatchObject([{ file: join(folder, 'absent'), path: 'file' }])
})
