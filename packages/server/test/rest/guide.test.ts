// The commands of docs/guides/rest.md, run as they stand there with a shell and curl against a server on a port.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { defineTask, PermanentError } from '@tasker/engine'
import { listen } from '@tasker/server'
import { expect, onTestFinished, test } from 'vitest'
import { servedForFile } from '../support/served.ts'

const order = defineTask({ namespace: 'payments', name: 'process_order' })
  .step('charge', { retry: { limit: 1 } }, async () => {
    throw new PermanentError('declined')
  })
  .step('ship', { dependsOn: ['charge'] }, async () => null)

const served = servedForFile(() => ({ definitions: [order] }))
const guide = new URL('../../../../docs/guides/rest.md', import.meta.url)
const run = promisify(execFile)

test('each command of the guide says what the guide says', async () => {
  const { tasker, server } = served
  const listening = await listen(tasker, server, { host: '127.0.0.1', port: 0 })
  const folder = await mkdtemp(join(tmpdir(), 'tasker-guide-'))
  onTestFinished(async () => {
    await listening.close()
    await rm(folder, { recursive: true })
  })
  const blocks = [...(await readFile(guide, 'utf8')).matchAll(/```sh\n(.*?)```/gs)]
  expect(blocks.length).toBeGreaterThan(4)
  let before = '' // each block has a shell of its own, with the id of the task
  for (const [, block = ''] of blocks) {
    const wanted = [...block.matchAll(/^# → (.*)$/gm)].map(([, text = '']) => text)
    const script = `set -e\n${before}\n${block}`
    const { stdout } = await run('sh', ['-c', script], {
      cwd: folder,
      env: { PATH: '/usr/bin:/bin:/usr/local/bin', TASKER: listening.url },
    })
    let from = 0
    for (const text of wanted) {
      from = stdout.indexOf(text, from)
      expect(from, `${text} in ${stdout}`).toBeGreaterThanOrEqual(0)
    }
    if (before === '') {
      before = String(/^task=.*$/m.exec(block))
      await tasker.worker.start()
      const { tasks } = await tasker.tasks.find()
      await tasker.tasks.waitFor(tasks[0]?.taskId ?? '')
      await tasker.worker.stop()
    }
  }
})
