// The workflow that runs the validators in CI: what it types exists, what it uses is pinned, what it keeps was written.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { listAt, textAt, textsAt } from '../packages/cli/src/validation/json-path.ts'
import { readYaml } from '../packages/engine/src/definitions/yaml-source.ts'
import { root } from '../tools/run-program.ts'
import { faultsOf } from './command-faults.ts'

const path = '.github/workflows/validate-observability.yml'
const reading = readYaml(readFileSync(join(root, path), 'utf8'), path)
const workflow = reading.ok ? reading.source.data : null
const job = ['jobs', 'validate'] as const
const steps = listAt(workflow, ...job, 'steps')
const scripts = steps.map((step) => textAt(step, 'run'))

const commands = scripts
  .flatMap((script) => script.split('\n'))
  .filter((line) => line.startsWith('$TASKER '))
  .map((line) => line.replace('$TASKER', 'tasker').replace(/ > .*$/, ''))

test('it is YAML, with the services that the validators need', () => {
  expect(reading).toMatchObject({ ok: true })
  const images = ['postgres', 'jaeger'].map((name) =>
    textAt(workflow, ...job, 'services', name, 'image'),
  )
  expect([...images, ...(scripts.join('\n').match(/prom\/prometheus:\S+/g) ?? [])]).toEqual([
    expect.stringMatching(/^postgres:\d+$/),
    expect.stringMatching(/^jaegertracing\/jaeger:\d+\.\d+\.\d+$/),
    expect.stringMatching(/^prom\/prometheus:v\d+\.\d+\.\d+$/),
  ])
})

test('it runs both validators, by commands and options that there are', () => {
  expect(commands.map((line) => line.split(' ').slice(1, 3).join(' '))).toEqual([
    'migrate',
    'validate prometheus',
    'validate jaeger',
  ])
  expect(commands.flatMap((line) => faultsOf(path, line))).toEqual([])
  expect(faultsOf(path, 'tasker validate jaeger --fast')).toHaveLength(1)
})

test('the command it types is a script of this repository', () => {
  const typed = textAt(workflow, ...job, 'env', 'TASKER')
  const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  expect(Object.keys(textsAt(manifest, 'scripts'))).toContain(typed.split(' ').at(-2))
})

test('the port that is scraped is the one of the command', () => {
  const port = /--metrics-port (\d+)/.exec(commands.join('\n'))?.[1]
  expect(scripts.join('\n')).toContain(`'localhost:${port}'`)
})

test('it keeps the reports that it writes', () => {
  const written = [...scripts.join('\n').matchAll(/ > (\S+\.json)$/gm)].map(([, file]) => file)
  const kept = textAt(steps.at(-1), 'with', 'path').trim().split(/\s+/)
  expect(kept).toEqual(written)
})

test('actions are pinned by their commits', () => {
  const used = steps.map((step) => textAt(step, 'uses')).filter((name) => name !== '')
  expect(used).toHaveLength(3)
  for (const name of used) expect(name).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/)
})
