// `npm run example -- <name> [--fault <fault>] [--json]`: starts the systems that the example calls, runs it to its end with
// `tasker dev --once` in a process of its own, and tells what the systems were asked. `--list` names examples and faults.
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { allExamples } from './all-examples.ts'
import { addressesOf, faultOf, startSystems, type Example, type ExampleFault } from './example.ts'
import { ownTasker } from './own-tasker.ts'
import type { StubCall } from './stub-system.ts'

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { fault: { type: 'string' }, json: { type: 'boolean' }, list: { type: 'boolean' } },
    allowPositionals: true,
    strict: false, // what is left goes to `tasker dev`
  })
  if (values['list'] === true) return list(values['json'] === true)
  const [name = ''] = positionals
  const example = allExamples.find((known) => known.name === name)
  if (example === undefined) {
    const known = allExamples.map((each) => each.name).join(', ')
    return misused(
      `${name === '' ? 'Which example?' : `There is no example "${name}".`} Known are ${known}.`,
    )
  }
  try {
    const fault = faultAsked(example, values['fault'])
    return await run(example, fault, passedOn(args, name))
  } catch (error) {
    if (error instanceof RangeError) return misused(error.message)
    throw error
  }
}

interface AskedFault {
  readonly name: string | null
  readonly fault: ExampleFault | null
}

function faultAsked(
  example: Example,
  asked: string | boolean | (string | boolean)[] | undefined,
): AskedFault {
  if (asked === 'none') return { name: null, fault: null }
  if (asked === true) return { name: '', fault: faultOf(example, '') } // the name is missing
  const name = typeof asked === 'string' ? asked : (example.usualFault ?? null)
  return { name, fault: name === null ? null : faultOf(example, name) }
}

/** The words that are not for us. */
function passedOn(args: readonly string[], name: string): readonly string[] {
  const isFault = (index: number): boolean => args[index] === '--fault'
  return args.filter(
    (arg, index) =>
      arg !== name && !isFault(index) && !isFault(index - 1) && !arg.startsWith('--fault='),
  )
}

async function run(
  example: Example,
  { name, fault }: AskedFault,
  words: readonly string[],
): Promise<number> {
  const systems = example.systems()
  await startSystems(systems)
  const tasker = ownTasker(Object.values(await example.define(addressesOf(systems))))
  example.connect?.(systems, tasker.open)
  fault?.inject?.(systems)
  const context = fault?.change?.(example.context) ?? example.context
  const isJson = words.includes('--json')
  if (!isJson && fault !== null) console.log(`Fault: ${name}, ${fault.shows}.\n`)
  const child = spawn(
    process.execPath,
    [
      '--conditions=@tasker/source',
      'packages/cli/src/bin.ts',
      'dev',
      '--config',
      'examples/tasker.config.ts',
      '--run',
      example.task,
      '--context',
      JSON.stringify(context),
      '--once',
      ...words,
    ],
    {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      env: { ...process.env, ...addressesOf(systems) },
      stdio: ['inherit', isJson ? 'pipe' : 'inherit', 'inherit'],
    },
  )
  const [document, exitCode] = await Promise.all([
    child.stdout === null ? '' : text(child.stdout),
    new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? 1))),
  ])
  await tasker.close()
  const calls = Object.values(systems)
    .flatMap((system) => system.calls())
    .toSorted((a, b) => a.at.getTime() - b.at.getTime())
  if (isJson && document === '') return exitCode // what went wrong was told on stderr
  if (isJson) {
    const task = JSON.parse(document) as object // `tasker dev --json` prints one object
    console.log(JSON.stringify({ ...task, example: example.name, fault: name, calls }))
  } else if (calls.length > 0) {
    console.log(`\nWhat the systems were asked\n${calls.map(lineOf).join('\n')}`)
  }
  return exitCode
}

function lineOf({ system, method, path, status }: StubCall): string {
  return `  ${String(status ?? 'no answer').padEnd(10)} ${system.padEnd(22)} ${method.padEnd(6)} ${path}`
}

function list(isJson: boolean): number {
  const listed = allExamples.map(({ name, shows, faults, usualFault = null }) => ({
    name,
    shows,
    faults: Object.entries(faults).map(([fault, { shows: what }]) => ({
      name: fault,
      shows: what,
      isUsual: fault === usualFault,
    })),
  }))
  if (isJson) console.log(JSON.stringify({ examples: listed }))
  else
    for (const { name, shows, faults } of listed) {
      console.log(`${name}: ${shows}`)
      for (const fault of faults) {
        console.log(
          `  --fault ${fault.name.padEnd(26)} ${fault.shows}${fault.isUsual ? ' (unless another is named)' : ''}`,
        )
      }
    }
  return 0
}

function misused(problem: string): number {
  console.error(problem)
  return 2
}
