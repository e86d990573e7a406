// `tasker graph`, and `tasker task run --file`: of definitions in YAML and of traces.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StepGraph } from '@tasker/engine'
import { expect, onTestFinished, test } from 'vitest'
import { databaseForFile } from '../../engine/test/support/database.ts'
import { startCli, testConfig, type CliResult } from './run-cli.ts'
import { runCommand } from './run-command.ts'

const database = databaseForFile()
/** Refuses every connection: what answers with it needs no database. */
const nowhere = ['--database', 'postgres://127.0.0.1:1/none']

const tasker = (...args: readonly string[]): Promise<CliResult> =>
  runCommand([...args, '--database', database.url])

async function setup() {
  const folder = await mkdtemp(join(tmpdir(), 'tasker-graph-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return {
    path: (name: string) => join(folder, name),
    write: async (name: string, content: unknown): Promise<string> => {
      const text = typeof content === 'string' ? content : JSON.stringify(content)
      await writeFile(join(folder, name), text)
      return join(folder, name)
    },
  }
}

const trace = {
  tasks: [
    { id: 'fetch', depends_on: [], runtime_seconds: 2 },
    { id: 'parse', depends_on: ['fetch'], runtime_seconds: 0.5 },
    { id: 'index', depends_on: ['fetch'], runtime_seconds: 1.5 },
  ],
  makespan_seconds: 4,
}

const yaml = `
namespace_name: files
name: two_steps
version: 1.0.0
step_templates:
  - name: first
    handler_class: Answer
  - name: second
    depends_on_step: first
    handler_class: Answer
`

const handlersConfig = `
export default { handlers: { Answer: async ({ stepName }) => ({ of: stepName }) } }
`

test('a definition of the configuration file is drawn without a database', async () => {
  const drawn = ['graph', 'tests/greet', '--config', testConfig]
  const { exitCode, stdout, stderr } = await runCommand([...drawn, ...nowhere])
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  expect(stdout).toBe(`---
title: "tests/greet@1.2.0"
---
%% 2 steps on 2 levels
flowchart TB
  s1["choose_words"]
  s2["say"]
  s1 --> s2
`)
})

test('the ending of the file says the format, and --format goes before it', async () => {
  const { path } = await setup()
  const draw = async (file: string, ...args: readonly string[]) => {
    const drawn = ['graph', 'tests/greet', '--config', testConfig, '--output', path(file), ...args]
    const { stdout } = await runCommand([...drawn, ...nowhere])
    return [stdout, (await readFile(path(file), 'utf8')).slice(0, 10)]
  }
  const said = (file: string, format: string) => `${path(file)}: 2 steps, 1 edge, as ${format}\n`
  expect(await draw('a.svg')).toEqual([said('a.svg', 'svg'), '<svg xmlns'])
  expect(await draw('a.gv')).toEqual([said('a.gv', 'dot'), 'digraph ta'])
  expect(await draw('a.txt')).toEqual([said('a.txt', 'mermaid'), '---\ntitle:'])
  expect(await draw('b.svg', '--format', 'json')).toEqual([said('b.svg', 'json'), '{\n  "names'])
})

test('a trace is replayed, drawn as a task and as a definition that only the database has', async () => {
  const { write } = await setup()
  const file = await write('night.json', trace)
  const run = await tasker('task', 'run', '--file', file, '--follow', '--json')
  const task = JSON.parse(run.stdout) as { taskId: string; state: string; results: unknown } // its document
  expect(run.exitCode).toBe(0)
  expect(task.state).toBe('complete')
  expect(task.results).toEqual({
    fetch: { runtime_seconds: 2 },
    parse: { runtime_seconds: 0.5 },
    index: { runtime_seconds: 1.5 },
  })
  const ofTask = await tasker('graph', '--task', task.taskId, '--durations', 'recorded')
  const ofDefinition = await tasker('graph', 'traces/night', '--durations', 'recorded', '--json')
  expect(ofTask.stdout).toContain('bold: the critical path, 2 steps, 3.5 s (recorded)\n')
  expect(ofTask.stdout).toContain('  s3["index<br/>complete · 1.5 s"]:::complete\n')
  const { criticalPath } = JSON.parse(ofDefinition.stdout) as StepGraph // its document
  expect(criticalPath).toEqual({ steps: ['fetch', 'index'], totalMs: 3_500 })
})

test('without --follow the task is created and waits; the same key finds it, and then it is run', async () => {
  const { write } = await setup()
  const file = await write('later.json', trace)
  const created = await tasker('task', 'run', '--file', file, '--key', 'one')
  const [, taskId = ''] = /^Task (\S+) was created\.$/m.exec(created.stdout) ?? []
  expect(created.exitCode).toBe(0)
  expect(created.stderr).toContain('No live worker serves traces/later@0.1.0')
  const run = await tasker('task', 'run', '--file', file, '--key', 'one', '--once')
  expect(run).toMatchObject({ exitCode: 0, stderr: '' })
  expect(run.stdout).toContain(`Task ${taskId} exists already for this key.\n`)
  expect(run.stdout).toContain('traces/later@0.1.0  complete after ')
})

test('steps take their time on the scale given, and a signal leaves the task to others', async () => {
  const { write } = await setup()
  const file = await write('slow.json', trace)
  const slow = ['task', 'run', '--file', file, '--once', '--time-scale', '1000', '--key', 'slow']
  const running = startCli([...slow, '--database', database.url], {
    env: { TASKER_ORCHESTRATION__SHUTDOWN_GRACE_MS: '0' },
  })
  await running.untilStdout(/fetch +attempt 1 of 3 started/)
  running.process.kill('SIGTERM')
  const { exitCode, stderr } = await running.ended
  expect(exitCode).toBe(1)
  expect(stderr).toContain('the task waits for another worker')
  const fast = await tasker('task', 'run', '--file', file, '--once', '--key', 'slow', '--json')
  const { steps } = JSON.parse(fast.stdout) as { steps: readonly { attempts: number }[] } // its document
  expect(steps.map(({ attempts }) => attempts)).toEqual([1, 1, 1]) // handing back spent none
})

test('a definition in YAML runs with the handlers of the configuration file', async () => {
  const { write } = await setup()
  const config = ['--config', await write('tasker.config.mjs', handlersConfig)]
  const file = await write('two.yaml', yaml)
  const { exitCode, stdout } = await tasker(
    'task',
    'run',
    '--file',
    file,
    '--once',
    '--json',
    ...config,
  )
  const task = JSON.parse(stdout) as { name: string; results: unknown } // its document
  expect(exitCode).toBe(0)
  expect(task).toMatchObject({
    name: 'two_steps',
    results: { first: { of: 'first' }, second: { of: 'second' } },
  })
})

test('every fault of a file is named', async () => {
  const { write } = await setup()
  const tasks = [
    { id: 'a', depends_on: ['b'], runtime_seconds: -1 },
    { id: 'b', depends_on: ['a', 'c'], runtime_seconds: 1 },
  ]
  const bad = await tasker('task', 'run', '--file', await write('bad.json', { tasks }))
  const noJson = await tasker('task', 'run', '--file', await write('none.json', '{'))
  const noHandler = await tasker('task', 'run', '--file', await write('no.yaml', yaml))
  expect(bad.exitCode).toBe(1)
  expect(bad.stderr).toMatch(/^error DEFINITION_INVALID: The trace .*bad\.json has 3 faults:\n/)
  expect(bad.stderr).toContain('tasks[0].runtime_seconds: expected seconds, 0 or more')
  expect(bad.stderr).toContain('tasks[1].depends_on: "c" is not the id of a task')
  expect(bad.stderr).toContain('tasks: the dependencies form a cycle: a → b → a')
  expect([noJson.exitCode, noJson.stderr]).toEqual([1, expect.stringContaining('is not JSON')])
  expect([noHandler.exitCode, noHandler.stderr]).toEqual([1, expect.stringContaining('"Answer"')])
})

test.each([
  [['graph'], 'Name a definition, or a task with --task <id>.'],
  [['graph', 'a', '--task', 'b'], 'Name a definition or a task, not both.'],
  [['graph', 'tests/greet', '--format', 'png'], 'Allowed choices are mermaid, dot, svg, json.'],
  [
    ['graph', 'tests/greet', '--config', testConfig, '--output', '/no/such.svg'],
    'cannot be written (ENOENT)',
  ],
  [['task', 'run'], 'Name a definition, or a file with --file.'],
  [['task', 'run', 'a', '--file', 'b.json'], 'Name a definition or a file, not both.'],
  [['task', 'run', 'a', '--once'], '--once belongs to --file'],
  [['task', 'run', 'a', '--time-scale', '2'], '--time-scale belongs to --file'],
  [['task', 'run', '--file', 'b.json', '--time-scale', '-1'], 'Expected a number, 0 or more.'],
  [['task', 'run', '--file', 'b.yaml', '--time-scale', '1'], '--time-scale is for traces'],
  [['task', 'run', '--file', 'no-such.json'], 'cannot be read (ENOENT)'],
  [
    ['task', 'run', '--file', 'package'],
    'is neither a definition (.yaml, .yml) nor a trace (.json).',
  ],
])('%j is misused', async (args, message) => {
  const { exitCode, stdout, stderr } = await runCommand([...args, ...nowhere])
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
  expect(stderr).toContain(message)
})

test('a graph that Mermaid will not draw is written, and said to be too large', async () => {
  const { write } = await setup()
  const parents = Array.from({ length: 25 }, (_, index) => `parent_${index}`)
  const children = Array.from({ length: 25 }, (_, index) => `child_${index}`)
  const tasks = [...parents, ...children].map((id, index) => ({
    id,
    depends_on: index < 25 ? [] : parents,
    runtime_seconds: 0,
  }))
  await tasker('task', 'run', '--file', await write('dense.json', { tasks }))
  const { exitCode, stderr } = await tasker('graph', 'traces/dense')
  expect(exitCode).toBe(0)
  expect(stderr).toContain("Mermaid's limits are 500 edges")
})
