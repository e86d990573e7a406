// `tasker completion`: what a shell offers at a Tab. The script of bash runs in a real bash; the others hand the same words
// to the same command.
import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { candidatesFor } from '../src/completion/candidates.ts'
import { completionScripts, shells } from '../src/completion/scripts.ts'
import { buildProgram } from '../src/program.ts'
import { runCommand } from './run-command.ts'

const bin = fileURLToPath(new URL('../src/bin.ts', import.meta.url))

/** The words offered for what is typed after `tasker`; `:files` for paths. */
function offered(...typed: readonly string[]): readonly string[] {
  const { words, areFiles } = candidatesFor(
    buildProgram(() => undefined),
    typed,
    (placeholder) => (placeholder === 'states' ? ['pending', 'error', 'complete'] : null),
  )
  return [...words.map(({ word }) => word), ...(areFiles ? [':files'] : [])]
}

describe('at a Tab', () => {
  test('the commands, and those of a command', () => {
    expect(offered('d')).toEqual(['dev', 'definitions', 'doctor'])
    expect(offered('task', 'li')).toEqual(['list'])
    expect(offered('--schema', 'jobs', '--json', 'pru')).toEqual(['prune'])
  })

  test('nothing internal', () => {
    expect(offered('')).not.toContain('__complete')
    expect(offered('_')).toEqual([])
  })

  test('the options of the command and those of every command', () => {
    expect(offered('prune', '--dr')).toEqual(['--dry-run'])
    expect(offered('prune', '--o')).toEqual(['--older-than'])
    expect(offered('task', 'list', '--js')).toEqual(['--json'])
    expect(offered('doctor', '--he')).toEqual(['--help'])
  })

  test('no option after two dashes, and no command in place of a value', () => {
    expect(offered('validate', 'definitions', '--', '--js')).toEqual([':files'])
    expect(offered('task', 'run', '--key', 'ta')).toEqual([])
  })

  test('the values of an option, one by one in a list', () => {
    expect(offered('task', 'list', '--state', '')).toEqual(['pending', 'error', 'complete'])
    expect(offered('task', 'list', '--state', 'pending,')).toEqual([
      'pending,error',
      'pending,complete',
    ])
    expect(offered('task', 'list', '--state=e')).toEqual(['--state=error'])
  })

  test('the values of an option that bash took apart at the equals sign', () => {
    expect(offered('task', 'list', '--state', '=')).toEqual(['pending', 'error', 'complete'])
    expect(offered('task', 'list', '--state', '=', 'e')).toEqual(['error'])
  })

  test('files where a file is wanted', () => {
    expect(offered('--config', 'ta')).toEqual([':files'])
    expect(offered('task', 'run', 'a/b', '--context', '')).toEqual([':files'])
  })

  test('the choices of an argument, once', () => {
    expect(offered('completion', '')).toEqual([...shells])
    expect(offered('completion', 'zsh', '')).toEqual([])
  })
})

test('each shell gets its script, and help tells how to install it', async () => {
  const help = await runCommand(['completion', '--help'])
  for (const shell of shells) {
    const { exitCode, stdout } = await runCommand(['completion', shell])
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: completionScripts[shell] })
    expect(stdout).toContain('tasker __complete --')
    expect(help.stdout).toContain(`tasker completion ${shell}`)
  }
})

test('without a name it is the login shell, and an unknown one is refused', async () => {
  const fish = await runCommand(['completion', '--json'], { env: { SHELL: '/usr/bin/fish' } })
  const none = await runCommand(['completion'], { env: { SHELL: '/bin/tcsh' } })
  expect(JSON.parse(fish.stdout)).toEqual({ shell: 'fish', script: completionScripts.fish })
  expect(none).toMatchObject({ exitCode: 2, stdout: '' })
  expect(none.stderr).toContain('Name the shell: tasker completion bash|zsh|fish|powershell.')
})

test('a real bash offers commands, options, values and files', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tasker-completion-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'order file.json'), '{}')
  await writeFile(
    join(folder, 'tasker'),
    `#!/bin/sh\nexec "${process.execPath}" --conditions=@tasker/source "${bin}" "$@"\n`,
  )
  await chmod(join(folder, 'tasker'), 0o755)
  // What readline does at a Tab, as far as the script sees it.
  const script = `
    source <(tasker completion bash)
    complete -p tasker
    press() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tasker_complete; printf '%s|' "\${COMPREPLY[@]}"; echo; }
    press tasker do
    press tasker task list --st
    press tasker task list --state pending,err
    press tasker task run a/b --context or`
  const env = { ...process.env, PATH: `${folder}:${process.env['PATH']}` }
  const { stdout } = await promisify(execFile)('bash', ['--norc', '-c', script], {
    cwd: folder,
    env,
  })
  expect(stdout.split('\n')).toEqual([
    'complete -F _tasker_complete tasker',
    'doctor|',
    '--state|',
    'pending,error|',
    'order file.json|',
    '',
  ])
})
