// What is given with --context: what is no JSON is a misuse, what the definition refuses is a failure.
import { expect, test } from 'vitest'
import { cloneDatabase } from '../../engine/test/support/database.ts'
import { runCommand } from './run-command.ts'

const order = ['task', 'run', 'ecommerce/process_order', '--config', 'examples/tasker.config.ts']

test.for([
  ['{"token": s3cret}', '--context is not JSON.'],
  ['{"token": "s3cret",\n}', '--context is not JSON (line 2, column 1).'],
])('text that is no JSON ends with 2 and is not quoted: %s', async ([text = '', message = '']) => {
  const { exitCode, stderr } = await runCommand([...order, '--context', text])
  expect(exitCode).toBe(2)
  expect(stderr).toContain(`error USAGE: ${message}`)
  expect(stderr).not.toContain('s3cret')
})

test('a file that is not there ends with 2', async () => {
  const { exitCode, stderr } = await runCommand([...order, '--context', '@nowhere.json'])
  expect(exitCode).toBe(2)
  expect(stderr).toContain('The file nowhere.json of --context cannot be read (ENOENT).')
})

test('a context that its definition refuses names every fault, and nothing is stored', async () => {
  const { url } = await cloneDatabase()
  const database = ['--database', url]
  const context = ['--context', '{"cart_items": [{"product_id": 1, "quantity": 0, "price": 1}]}']
  const run = await runCommand([...order, ...context, '--json', ...database])
  const list = await runCommand(['task', 'list', '--json', ...database])
  expect(run.exitCode).toBe(1)
  const faults = ['context/cart_items/0/quantity', 'context/payment_info', 'context/customer_info']
  for (const path of faults) expect(run.stderr).toContain(`  - ${path}: `)
  expect(JSON.parse(run.stdout)).toMatchObject({
    error: { code: 'CONTEXT_INVALID', details: { faults: faults.map((path) => ({ path })) } },
  })
  expect(JSON.parse(list.stdout)).toEqual({ tasks: [], nextCursor: null })
})

test('an unknown definition ends with 1 and names the near one', async () => {
  const { url } = await cloneDatabase()
  const args = ['task', 'run', 'ecommerce/process_ordr', '--config', 'examples/tasker.config.ts']
  const { exitCode, stderr } = await runCommand([...args, '--database', url])
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(/^error DEFINITION_NOT_FOUND: .*did you mean "process_order"\?/)
})
