// `tasker dev` while code is written: real processes, real files; what it says is awaited, never time.
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createTasker, readDefinition } from '@tasker/engine'
import { cloneDatabase } from '../../engine/test/support/database.ts'
import { root, runCli, startCli, times, type RunningCli } from './run-cli.ts'

const configText = `
import { defineConfig } from '@tasker/cli'
import { loadDefinition } from '@tasker/engine'
import { greet } from './greet.ts'
const read = await loadDefinition(new URL('read.yaml', import.meta.url), {
  handlers: { Read: async () => 'read' },
})
export default defineConfig({
  definitions: [greet, read],
  orchestration: { heartbeatIntervalMs: 500, leaseMs: 2_000, scanIntervalMs: 500 },
})
`
const greetText = `
import { defineTask } from '@tasker/engine'
import { hold, words } from './words.ts'
export const greet = defineTask({ name: 'greet', version: '1.0.0' })
  .step('choose', async (step) => (await hold(step), words(step)))
  .step('say', { dependsOn: ['choose'] }, async (step) => [step.results.choose, await words(step)])
`
const wordsText = (body: string): string => `
export const hold = async (step: object): Promise<void> => undefined
export const words = async (step: { readonly attempt: number }) => { ${body} }
`
const yamlText = `
name: read
step_templates:
  - name: once
    handler_class: Read
`
const files = {
  'tasker.config.ts': configText,
  'greet.ts': greetText,
  'words.ts': wordsText(`return 'one'`),
  'read.yaml': yamlText,
} as const

interface Project {
  /** Creates a task of read.yaml as it was at first, and waits for its end. */
  readonly read: () => Promise<string>
  readonly write: (name: string, text: string) => void
  readonly dev: (...args: readonly string[]) => RunningCli
  /** Runs a task with the worker of `dev`, and returns its document. */
  readonly run: (name: string) => Promise<unknown>
}

async function project(changed: Readonly<Record<string, string>> = {}): Promise<Project> {
  const { url } = await cloneDatabase()
  const folder = mkdtempSync(join(tmpdir(), 'tasker-reload-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text)
  for (const [name, text] of Object.entries({ ...files, ...changed })) write(name, text)
  const options = { cwd: folder, env: { DATABASE_URL: url } }
  return {
    async read() {
      const handlers = { Read: async () => 'never: this process runs no steps' }
      const definition = readDefinition(yamlText, 'read.yaml', { handlers })
      await using tasker = await createTasker({ database: url, definitions: [definition] })
      const { taskId } = await tasker.tasks.create(definition, { context: {} })
      return (await tasker.tasks.waitFor(taskId)).state
    },
    write,
    dev: (...args) => startCli(['dev', ...args], options),
    async run(name) {
      const { stdout, stderr } = await runCli(['task', 'run', name, '--follow', '--json'], options)
      if (stdout === '') throw new Error(stderr)
      return JSON.parse(stdout) as unknown
    },
  }
}

const serves = /The worker goes on and serves/

async function ended(dev: RunningCli): Promise<string> {
  dev.process.kill('SIGTERM')
  const { exitCode, stderr } = await dev.ended
  expect(exitCode).toBe(0)
  return stderr
}

test('a changed module is what the next step runs, also below others and in YAML', async () => {
  const { write, dev, run } = await project()
  const running = dev()
  await running.untilStdout(serves)
  const before = await run('greet')
  write('words.ts', wordsText(`return 'two'`))
  await running.untilStderr(/Reloaded after a change of words\.ts: the new code serves 2 def/)
  const after = await run('greet')
  write('read.yaml', yamlText.replace('once', 'twice'))
  await running.untilStderr(/Reloaded after a change of read\.yaml/)
  const read = await run('read')
  await ended(running)
  expect(before).toMatchObject({ results: { say: ['one', 'one'] } })
  expect(after).toMatchObject({ results: { say: ['two', 'two'] } })
  expect(read).toMatchObject({ state: 'complete', results: { twice: 'read' } })
})

/** Steps of this code run until the gate is opened, and say so. */
function gated(): { readonly text: string; readonly open: () => void } {
  const gate = join(tmpdir(), `tasker-gate-${randomUUID()}`)
  onTestFinished(() => rmSync(gate, { force: true }))
  const text = `
    import { existsSync } from 'node:fs'
    import { setTimeout as pause } from 'node:timers/promises'
    export const hold = async () => {
      console.error('holding')
      while (!existsSync('${gate}')) await pause(20)
    }
    export const words = async () => 'old'
  `
  return { text, open: () => writeFileSync(gate, '') }
}

test('a step that runs ends on the old code; the next one runs the new; no attempt is spent', async () => {
  const { text, open } = gated()
  const { write, dev, run } = await project({ 'words.ts': text })
  const running = dev()
  await running.untilStdout(serves)
  const done = run('greet')
  await running.untilStderr(/holding/)
  write('words.ts', text.replace("'old'", "'new'"))
  await running.untilStderr(times(1, 'Reloaded after'))
  open()
  expect(await done).toMatchObject({
    results: { say: ['old', 'new'] },
    steps: [{ attempts: 1 }, { attempts: 1 }],
  })
  expect(await ended(running)).toContain('The old code ends what it runs: 1 step.')
})

test('told to stop, it waits for the old code as well', async () => {
  const { text, open } = gated()
  const { write, dev, run } = await project({ 'words.ts': text })
  const running = dev()
  await running.untilStdout(serves)
  const done = run('greet')
  await running.untilStderr(/holding/)
  write('words.ts', text.replace("'old'", "'new'"))
  await running.untilStderr(times(1, 'Reloaded after'))
  running.process.kill('SIGTERM')
  await running.untilStderr(/Stopping/)
  open()
  expect(await running.ended).toMatchObject({ exitCode: 0 })
  const again = dev()
  expect(await done).toMatchObject({ state: 'complete', steps: [{ attempts: 1 }, { attempts: 1 }] })
  await again.untilStdout(serves)
  await ended(again)
})

test('what cannot be loaded is told with file, line and remedy, and the old code goes on', async () => {
  const { write, dev, run, read } = await project()
  const running = dev()
  await running.untilStdout(serves)
  await run('greet') // so the version is used, and must not change any more
  const faults: readonly (readonly [keyof typeof files, string, RegExp])[] = [
    ['words.ts', 'export const a =\nexport const b = 1', /words\.ts:2:1: Expression expected/],
    ['words.ts', 'const a = 1\nconst a: number = 2', /words\.ts:2:7: Identifier 'a' has already/],
    ['words.ts', '\nenum A { B }', /words\.ts:2:1: .* enum is not[^]*an enum as a constant object/],
    ['words.ts', 'export const words = 1', /greet\.ts:3:\d+: .*'hold'|greet\.ts:3.*named 'hold'/],
    ['words.ts', `${files['words.ts']}throw new Error('half')`, /words\.ts:4:7: half\./],
    ['greet.ts', greetText.replace('words.ts', 'words'), /greet\.ts:3: "words" .*: "words\.ts"\./],
    [
      'greet.ts',
      greetText.replace(`'./w`, `'w`),
      /greet\.ts:3: "words\.ts".*npm install words\.ts/,
    ],
    ['greet.ts', greetText.replace("'say'", "'choose'"), /DEFINITION_INVALID[^]*greet\.ts:4/],
    [
      'greet.ts',
      greetText.replace("'say', {", "'say', { retry: { limit: 9 },"),
      /DEFINITION_CHANGED: [^]*a new version[^]*defined at greet\.ts:4/,
    ],
    ['read.yaml', `${yamlText}    retries: 3\n`, /YAML_INVALID[^]*read\.yaml:6:\d+/],
  ]
  for (const [index, [name, text, told]] of faults.entries()) {
    write(name, text)
    await running.untilStderr(times(index + 1, 'goes on running; the next save tries again'))
    const last = (await running.untilStderr(/[^]*/))[0].split('Not reloaded').at(-1)
    expect(last).toMatch(told)
    expect(await read()).toBe('complete') // on the old code
    write(name, files[name])
    await running.untilStderr(times(index + 1, 'Reloaded after'))
  }
  await ended(running)
})

test('a burst of saves reloads once, and a save while the new code loads is not missed', async () => {
  const { write, dev, run } = await project()
  const running = dev()
  await running.untilStdout(serves)
  for (let save = 1; save <= 20; save += 1) {
    write('words.ts', wordsText(`return 'save ${save}'`))
    write('read.yaml', `${yamlText}# ${save}`)
  }
  await running.untilStderr(times(1, 'Reloaded after'))
  // This one says when it is loaded, and is changed just then.
  write('words.ts', `${wordsText(`return 'early'`)}\nconsole.error('loading')`)
  await running.untilStderr(/loading/)
  write('words.ts', wordsText(`return 'late'`))
  const late = async (): Promise<void> => {
    const task = await run('greet')
    if (!JSON.stringify(task).includes('late')) await late()
  }
  await late()
  const stderr = await ended(running)
  expect(stderr.split('Reloaded after').length - 1).toBeLessThan(10) // of 42 saves
  expect(stderr).not.toContain('Not reloaded')
})

test('the code that a followed task needs is mended while it is followed', async () => {
  const { write, dev } = await project({
    'words.ts': wordsText(`throw new Error('not yet')`),
    // However long the reload takes, an attempt is left.
    'greet.ts': greetText.replace("'choose',", "'choose', { retry: { limit: 1_000 } },"),
  })
  const running = dev('--run', 'greet')
  await running.untilStdout(/attempt 1 of 1000 failed: not yet/)
  write('words.ts', wordsText(`return 'mended'`))
  await running.untilStderr(/greet is complete after/)
  expect(await ended(running)).toMatch(/goes on with the new code[^]*Reloaded after[^]*complete/)
})

test('a process that a handler ended, and one that it blocks, give way to a saved file', async () => {
  const { write, dev, run } = await project({ 'words.ts': wordsText('process.exit(7)') })
  const running = dev()
  await running.untilStdout(serves)
  const exited = run('greet')
  await running.untilStderr(/ended with exit code 7\. A saved file starts it again/)
  write('words.ts', wordsText(`console.error('blocked'); for (;;);`))
  await running.untilStderr(/Reloaded after[^]*blocked/) // after the lease of the one that ended
  write('words.ts', wordsText(`return step.attempt`))
  await running.untilStderr(/did not answer[^]*Reloaded after/)
  expect(await exited).toMatchObject({ state: 'complete', results: { choose: 1 } })
  await ended(running)
})

test('whoever ends it ends the processes that it started', async () => {
  const { write, dev } = await project()
  const running = dev()
  await running.untilStdout(serves)
  write('words.ts', wordsText(`return 'two'`))
  await running.untilStderr(times(1, 'Reloaded after'))
  running.process.kill('SIGKILL')
  // Its streams are closed when the last process that writes to them is gone.
  const { stderr } = await running.ended
  expect(stderr).toContain('Stopping: steps that run may end.')
})

test('a fault at the very start ends it, as does a task that is refused', async () => {
  const { dev } = await project({ 'words.ts': 'export const words = ' })
  const broken = await dev().ended
  const { dev: other } = await project()
  const refused = await other('--run', 'nobody').ended
  expect(broken).toMatchObject({ exitCode: 1, stdout: '' })
  expect(broken.stderr).toMatch(/^error CONFIG_INVALID: .*words\.ts:1/)
  expect(refused).toMatchObject({ exitCode: 1 })
  expect(refused.stderr).toMatch(/^error DEFINITION_NOT_FOUND: /m)
})
