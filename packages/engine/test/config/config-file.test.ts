// Configuration files in YAML and JSON: what is read, and how a broken one is told.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readConfigFile } from '../../src/config.ts'
import { configOf, resolve } from './resolve-input.ts'

describe('a configuration file', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tasker-config-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  async function fileOf(name: string, content: string): Promise<string> {
    const path = join(folder, name)
    await writeFile(path, content)
    return path
  }

  test.each([
    ['a.yaml', 'backoff:\n  max_backoff_seconds: 7\ncache:\n'],
    ['b.yml', 'backoff: { maxBackoffSeconds: 7 }'],
    ['c.json', '\uFEFF{"backoff": {"max_backoff_seconds": 7}}'],
  ])('%s is read', async (name, content) => {
    const path = await fileOf(name, content)
    const { config, sources } = resolve({ file: await readConfigFile(path) })
    expect(config.backoff.maxBackoffSeconds).toBe(7)
    expect(sources['backoff.maxBackoffSeconds']).toBe(`file ${path}`)
  })

  test('that is empty sets nothing', async () => {
    const path = await fileOf('empty.yaml', '# nothing yet\n')
    expect(configOf({ file: await readConfigFile(path) })).toEqual(configOf())
  })

  test.each([
    ['broken.yaml', 'a: 1\nb: "hunter2', /broken\.yaml is no YAML, line 2 \(\w+\)\./],
    ['twice.yaml', 'a: 1\na: 2', /twice\.yaml is no YAML, line 2 \(DUPLICATE_KEY\)\./],
    ['alias.yaml', 'a: *nowhere', /alias\.yaml holds YAML aliases that cannot be followed\./],
    ['broken.json', '{"password": "hunter2",', /broken\.json is no JSON/],
    ['tasker.config.ts', 'export default {}', /ends in "\.ts", and only \.yaml, \.yml and \.json/],
  ])('%s is refused without quoting it', async (name, content, message) => {
    const path = await fileOf(name, content)
    const error: unknown = await readConfigFile(path).catch((cause: unknown) => cause)
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' })
    expect(String(error)).toMatch(message)
    expect(String(error)).not.toContain('hunter2')
  })

  test('that does not exist is named', async () => {
    await expect(readConfigFile(join(folder, 'no.yaml'))).rejects.toThrow(
      /no\.yaml cannot be read \(ENOENT\)\./,
    )
  })
})
