// `npm run example -- <name>`: runs one of the examples to its end, as `npm start` runs the first.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const examples: Readonly<Record<string, { readonly task: string; readonly context: string }>> = {
  'order-processing': {
    task: 'ecommerce/process_order',
    context: 'examples/order-processing/sample-cart.json',
  },
  'customer-analytics': {
    task: 'blog_examples/customer_analytics',
    context: 'examples/customer-analytics/sample-period.json',
  },
}

const [name = '', ...rest] = process.argv.slice(2)
const example = Object.hasOwn(examples, name) ? examples[name] : undefined
if (example === undefined) {
  const known = Object.keys(examples).join(', ')
  console.error(
    `${name === '' ? 'Which example?' : `There is no example "${name}".`} Known are ${known}.`,
  )
  process.exit(2)
}

const { status } = spawnSync(
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
    example.context,
    '--once',
    ...rest,
  ],
  { cwd: fileURLToPath(new URL('..', import.meta.url)), stdio: 'inherit' },
)
process.exit(status ?? 1)
