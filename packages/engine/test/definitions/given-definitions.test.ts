// What createTasker is given becomes one registry: classes with their files, and the files of the directory.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { resolveConfig } from '../../src/config.ts'
import { ConfiguredTask } from '../../src/definitions/task-handler.ts'
import { gatherDefinitions, type GivenDefinition } from '../../src/given-definitions.ts'

const Ok = async () => ({})
const steps = 'step_templates: [{ name: a, handler_class: Ok }]'

async function setup(files: Readonly<Record<string, string>>) {
  const directory = await mkdtemp(join(tmpdir(), 'tasker-given-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(directory, name, '..'), { recursive: true })
    await writeFile(join(directory, name), text)
  }
  const gather = async (given: readonly GivenDefinition[], folder: string): Promise<string[]> => {
    const engine = { taskConfigDirectory: join(directory, folder) }
    const { config } = resolveConfig({ code: { engine }, env: {} })
    const { registry } = await gatherDefinitions(given, { Ok }, config)
    return registry.list().map(({ name, contextSchema }) => `${name}, ${contextSchema?.vendor}`)
  }
  return { directory, gather }
}

test('a configured task in the directory is read once, with the hooks of its class', async () => {
  const { gather } = await setup({
    'tasks/sale.yaml': steps,
    'tasks/other.yaml': `name: other\n${steps}`,
  })
  class Sale extends ConfiguredTask {
    override schema() {
      return { type: 'object' }
    }
  }
  expect(await gather([Sale], 'tasks')).toEqual(['other, undefined', 'sale, json-schema'])
})

test('a configured task elsewhere needs no directory', async () => {
  const { directory, gather } = await setup({ 'elsewhere/sale.yaml': steps })
  class Sale extends ConfiguredTask {
    static override readonly yamlPath = join(directory, 'elsewhere/sale.yaml')
  }
  expect(await gather([Sale], 'none')).toEqual(['sale, undefined'])
})

test('handlers without a directory and without such a class are a fault', async () => {
  const { gather } = await setup({})
  await expect(gather([], 'none')).rejects.toMatchObject({ code: 'YAML_INVALID' })
})
