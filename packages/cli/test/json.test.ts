// With --json every command prints exactly one JSON document on stdout, whatever it says on stderr. The table below is
// compared with the commands themselves: a new one fails here until it is run here.
import { describe, expect, test } from 'vitest'
import { databaseForFile } from '../../engine/test/support/database.ts'
import { actionCommands, type ActionCommand } from '../src/action-commands.ts'
import { buildProgram } from '../src/program.ts'
import { runCli, startCli, testConfig, type CliResult } from './run-cli.ts'
import { runCommand } from './run-command.ts'

const shared = databaseForFile()
const config = ['--config', testConfig]
const database = () => ['--database', shared.url]

const complete: Run = () =>
  runCli(['dev', '--run', 'tests/greet', '--once', '--json', ...config, ...database()])

let completeId: Promise<string> | null = null
/** Of a task that is complete, so that nothing more can happen to it. */
async function taskId(): Promise<string> {
  completeId ??= complete().then(({ stdout }) => {
    return (JSON.parse(stdout) as { taskId: string }).taskId // the document of `dev --run`
  })
  return completeId
}

type Run = () => Promise<CliResult>
const withDatabase =
  (...words: readonly string[]): Run =>
  () =>
    runCommand([...words, '--json', ...database()])
const ofTask =
  (...words: readonly string[]): Run =>
  async () =>
    runCommand([...words, await taskId(), '--json', ...database()])

/** Commands that only hold others. */
const groups = ['audit', 'events', 'metrics', 'namespace', 'task', 'tasks', 'token', 'validate']

/** What prints a document for each event: events.test.ts. */
const streams = ['events follow']

interface Expected {
  readonly run: Run
  readonly exitCode: 0 | 1 | 2
  /** What the document holds at least. */
  readonly document?: object
}

/** On the complete task it is refused; a trial on tasks that match a filter that none does. */
function runsOf({ word, steps, takes }: ActionCommand): readonly (readonly [string, Expected])[] {
  const options = [
    ...(steps?.isRequired === true ? ['--step', 'say'] : []),
    ...(takes.includes('limit') ? ['--limit', '9'] : []),
  ]
  const none = ['--namespace', 'tests', '--state', 'error']
  return [
    [
      `task ${word}`,
      {
        run: ofTask('task', word, ...options),
        exitCode: 1,
        document: { error: { code: expect.any(String) as string } },
      },
    ],
    [
      `tasks ${word}`,
      { run: withDatabase('tasks', word, ...options, ...none, '--dry-run'), exitCode: 0 },
    ],
  ]
}

const unreachable = (what: string, ...more: readonly string[]): Run =>
  withDatabase(
    'validate',
    what,
    '--url',
    'http://127.0.0.1:1',
    '--timeout',
    '1',
    ...more,
    ...config,
  )

/** What goes on until it is told to stop. */
function stopped(word: string, ...options: readonly string[]): Run {
  return async () => {
    const running = startCli([word, '--json', ...options, ...config, ...database()])
    await running.untilStderr(new RegExp(`${word} started`))
    running.process.kill('SIGTERM')
    return running.ended
  }
}

/** Every other command, as it is run, and how it ends. */
const runs: Readonly<Record<string, Expected>> = {
  dev: { run: complete, exitCode: 0 },
  worker: { run: stopped('worker'), exitCode: 0 },
  server: { run: stopped('server', '--port', '0'), exitCode: 0, document: { state: 'stopped' } },
  migrate: { run: withDatabase('migrate', '--dry-run'), exitCode: 0 },
  config: { run: withDatabase('config'), exitCode: 0 },
  definitions: { run: withDatabase('definitions', ...config), exitCode: 0 },
  'definitions stats': { run: withDatabase('definitions', 'stats', ...config), exitCode: 0 },
  'definitions diff': {
    run: withDatabase('definitions', 'diff', 'tests/greet@1.2.0', 'tests/greet@1.2.0', ...config),
    exitCode: 0,
  },
  graph: { run: ofTask('graph', '--task'), exitCode: 0, document: { name: 'greet' } },
  doctor: { run: withDatabase('doctor'), exitCode: 1 }, // the server of the tests does not wait for the disk
  prune: { run: withDatabase('prune', '--older-than', '1h', '--dry-run'), exitCode: 0 },
  stats: { run: withDatabase('stats'), exitCode: 0 },
  completion: { run: withDatabase('completion', 'bash'), exitCode: 0 },
  'validate definitions': {
    run: withDatabase('validate', 'definitions', 'examples/customer-analytics'),
    exitCode: 0,
  },
  'validate prometheus': {
    run: unreachable('prometheus', '--metrics-port', '9464'),
    exitCode: 2,
    document: { passed: false },
  },
  'validate jaeger': { run: unreachable('jaeger'), exitCode: 2, document: { passed: false } },
  'metrics export': {
    run: withDatabase('metrics', 'export', 'json'),
    exitCode: 0,
    document: { format: 'json', exportId: expect.any(String) as string },
  },
  // No process has shared any.
  'metrics export-now': {
    run: withDatabase('metrics', 'export-now'),
    exitCode: 1,
    document: { error: { code: 'METRICS_MISSING' } },
  },
  'metrics sync': {
    run: withDatabase('metrics', 'sync'),
    exitCode: 1,
    document: { error: { code: 'SYNC_FAILED' } },
  },
  'metrics status': {
    run: withDatabase('metrics', 'status'),
    exitCode: 0,
    document: { metrics: { isSharing: false } },
  },
  'task run': { run: withDatabase('task', 'run', 'tests/greet', ...config), exitCode: 0 },
  'task list': { run: withDatabase('task', 'list'), exitCode: 0 },
  'task show': { run: ofTask('task', 'show'), exitCode: 0 },
  'task why': { run: ofTask('task', 'why'), exitCode: 0 },
  'task analyse': { run: ofTask('task', 'analyse'), exitCode: 0 },
  'task history': { run: ofTask('task', 'history'), exitCode: 0 },
  ...Object.fromEntries(actionCommands.flatMap(runsOf)),
  'task rerun': { run: ofTask('task', 'rerun', '--from', 'say', '--dry-run'), exitCode: 0 },
  'token create': {
    run: withDatabase('token', 'create', 'json', '--scope', 'tasker.task:*'),
    exitCode: 0,
    document: { token: { name: 'json' }, secret: expect.stringMatching(/^tsk_/) as string },
  },
  'token list': { run: withDatabase('token', 'list'), exitCode: 0 },
  'token rotate': { run: withDatabase('token', 'rotate', 'json'), exitCode: 0 },
  'token revoke': { run: withDatabase('token', 'revoke', 'json'), exitCode: 0 },
  'audit list': { run: withDatabase('audit', 'list'), exitCode: 0 },
  'audit prune': {
    run: withDatabase('audit', 'prune', '--older-than', '1d', '--yes'),
    exitCode: 0,
  },
  'namespace list': { run: withDatabase('namespace', 'list'), exitCode: 0 },
  'namespace hold': { run: withDatabase('namespace', 'hold', 'tests'), exitCode: 0 },
  'namespace resume': { run: withDatabase('namespace', 'resume', 'tests'), exitCode: 0 },
}

test('every command is run below', () => {
  expect([...Object.keys(runs), ...groups, ...streams].toSorted()).toEqual(
    commandsUnder(buildProgram(() => undefined)).toSorted(),
  )
})

describe('one JSON document is printed by', () => {
  test.for(Object.entries(runs))('tasker %s', async ([, { run, exitCode, document = {} }]) => {
    const ended = await run()
    expect(ended).toMatchObject({ exitCode, stdout: expect.stringMatching(/^\{.*\}\n$/) as string })
    expect(JSON.parse(ended.stdout)).toMatchObject(document)
  })
})

type Program = ReturnType<typeof buildProgram>

/** `task list` and the like; without the help that commander adds. */
function commandsUnder(command: Program, above: readonly string[] = []): readonly string[] {
  return command
    .createHelp()
    .visibleCommands(command)
    .flatMap((each) => {
      if (each.name() === 'help') return []
      const words = [...above, each.name()]
      return [words.join(' '), ...commandsUnder(each, words)]
    })
}
