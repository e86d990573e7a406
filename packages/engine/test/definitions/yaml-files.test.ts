// Task handler classes of YAML files, single files and whole directories.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import {
  ConfiguredTask,
  TaskHandler,
  type PlannedStep,
  type PlannedTask,
} from '../../src/definitions/task-handler.ts'
import {
  loadConfiguredTask,
  loadDefinition,
  loadDefinitionsFromDirectory,
} from '../../src/definitions/yaml-files.ts'
import { rejectionOf } from './errors.ts'
import { faultsIn, Ok, read, yaml } from './read-yaml.ts'

describe('task handler classes of a file', () => {
  class OrderHandler extends ConfiguredTask {
    override schema() {
      return { type: 'object', required: ['id'] }
    }
    override establishStepDependenciesAndDefaults(
      task: PlannedTask,
      steps: readonly PlannedStep[],
    ) {
      if (task.context['priority'] === 'expedited') steps[0]?.update({ retryLimit: 1 })
    }
  }
  const text = `
    name: order
    module_namespace: Shop
    task_handler_class: OrderHandler
    schema: { type: object, required: [from_the_file] }
    step_templates: [{ name: a, handler_class: Ok }]
    `

  test('the hooks of the class are used, its schema before that of the file', async () => {
    const definition = read(text, { handlers: { Ok, Shop: { OrderHandler } } })
    expect((await definition.contextSchema?.check({ id: 1 }))?.ok).toBe(true)
    expect(definition.planSteps?.({ priority: 'expedited' })[0]?.retryLimit).toBe(1)
    expect(definition.planSteps?.({})).toBe(definition.steps)
  })

  test('a file whose class was not given is complete as it is', async () => {
    const definition = read(text)
    expect(definition.planSteps).toBeNull()
    expect((await definition.contextSchema?.check({ id: 1 }))?.ok).toBe(false)
  })

  test('a misspelt class is named, because its hooks would be lost', () => {
    class OrderHandlr extends TaskHandler {}
    expect(faultsIn(text, { handlers: { Ok, OrderHandlr } })).toEqual([
      '3:1 task_handler_class: no handler "OrderHandler" was given; did you mean "OrderHandlr"?',
    ])
  })
})

describe('files and directories', () => {
  const made: string[] = []
  const setup = async (files: Readonly<Record<string, string>>): Promise<string> => {
    const directory = await mkdtemp(join(tmpdir(), 'tasker-yaml-'))
    made.push(directory)
    for (const [name, text] of Object.entries(files)) {
      await mkdir(join(directory, name, '..'), { recursive: true })
      await writeFile(join(directory, name), yaml(text))
    }
    return directory
  }
  afterEach(async () => {
    await Promise.all(made.splice(0).map((directory) => rm(directory, { recursive: true })))
  })

  const file = (name: string, namespace: string) =>
    `name: ${name}\nnamespace_name: ${namespace}\nstep_templates: [{ name: a, handler_class: Ok }]`

  test('a directory is read with everything below it, .yaml and .yml, in order of path', async () => {
    const directory = await setup({
      'payments/process_order.yaml': file('process_order', 'payments'),
      'inventory/process_order.yml': file('process_order', 'inventory'),
      'notifications/deep/send_email.yaml': file('send_email', 'notifications'),
      'README.md': 'not a definition',
    })
    const definitions = await loadDefinitionsFromDirectory(directory, { handlers: { Ok } })
    expect(definitions.map((one) => `${one.namespace}/${one.name}`)).toEqual([
      'inventory/process_order',
      'notifications/send_email',
      'payments/process_order',
    ])
  })

  test('the faults of all files come together, each with its file', async () => {
    const directory = await setup({
      'a.yaml': 'name: a\nsteps: []',
      'b.yaml': file('b', 'default'),
      'c.yaml': file('b', 'default'),
      'd.yaml': 'name: [',
    })
    const error = await rejectionOf(() =>
      loadDefinitionsFromDirectory(directory, { handlers: { Ok } }),
    )
    const lines = error.message.split('\n').filter((line) => line.startsWith('  - '))
    const files = lines.map((line) => line.slice(4 + directory.length + 1).split(':')[0])
    expect(new Set(files)).toEqual(new Set(['a.yaml', 'c.yaml', 'd.yaml']))
    expect(error.message).toContain('default/b@0.1.0 is also defined in')
  })

  test('a file or directory that is not there is a fault, not a crash', async () => {
    const none = join(tmpdir(), 'tasker-none', 'x.yaml')
    const faults = [
      await rejectionOf(() => loadDefinition(none, { handlers: {} })),
      await rejectionOf(() => loadDefinitionsFromDirectory(none, { handlers: {} })),
    ]
    expect(faults.map((error) => error.code)).toEqual(['YAML_INVALID', 'YAML_INVALID'])
    expect(faults[0]?.message).toContain('cannot be read: ENOENT')
  })

  test('a configured task finds its file by its name, or where it says', async () => {
    const directory = await setup({
      'order_handler.yaml': 'step_templates: [{ name: a, handler_class: Ok }]',
      'elsewhere/custom.yaml': file('from_file', 'shop'),
    })
    class OrderHandler extends ConfiguredTask {}
    class Custom extends ConfiguredTask {
      static override readonly taskName = 'custom_order_process'
      static override readonly yamlPath = join(directory, 'elsewhere/custom.yaml')
    }
    const options = { handlers: { Ok }, directory }
    const definitions = [
      await loadConfiguredTask(OrderHandler, options),
      await loadConfiguredTask(Custom, options),
    ]
    expect(definitions.map((one) => `${one.namespace}/${one.name}`)).toEqual([
      'default/order_handler',
      'shop/custom_order_process',
    ])
  })
})
