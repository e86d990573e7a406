// The lines of a worker where nobody reads them for a while: they must not pile up in its memory.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { onTestFinished, expect, test } from 'vitest'

const script = `
import { logLines } from ${JSON.stringify(new URL('../src/terminal.ts', import.meta.url).href)}
const lines = logLines()
const line = 'x'.repeat(1_000) + '\\n'
let left = 10_000
while (left > 0 && lines.write(line) !== false) left -= 1
lines.once('drain', () => console.log('drained'))
console.log(left > 0 ? 'full' : 'endless')
`

test('a reader that stands still is told to who writes, and so is that he goes on', async () => {
  const args = ['--conditions=@tasker/source', '--input-type=module', '--eval', script]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  expect(String(said)).toBe('full\n')
  child.stderr.resume()
  const [next] = (await once(child.stdout, 'data')) as [Buffer]
  expect(String(next)).toBe('drained\n')
})
