// The server inside a real application of Next.js: packs the packages, installs them with Next into an empty project, builds it
// and starts it, and asks of it what packages/server/test/hosts.test.ts asks of the other hosts. Too heavy for CI, which tests the
// handlers alone: Next takes 200 MB and a minute.
// Run, after npm run build: npm run try:next [-- --next 16.4.6 --react 19.3.1 --keep].
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'

const { values } = parseArgs({
  options: {
    next: { type: 'string', default: '16.4.6' },
    react: { type: 'string', default: '19.3.1' },
    /** Leave the project there. */
    keep: { type: 'boolean', default: false },
  },
})
const root = fileURLToPath(new URL('..', import.meta.url))
const run = promisify(execFile)

const files: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({ name: 'try-next', private: true, type: 'module' }),
  'next.config.mjs': `export default {
    serverExternalPackages: ['@tasker/engine', '@tasker/server', '@tasker/embedded-postgres'],
  }`,
  'app/layout.js': `export default function Layout({ children }) {
    return <html lang="en"><body>{children}</body></html>
  }`,
  'app/page.js': `export default function Page() { return <p>its own</p> }`,
  'tasker.js': `import { createTasker, defineTask } from '@tasker/engine'
    import { AuthenticationFailed, createServer } from '@tasker/server'
    const greet = defineTask({ namespace: 'demo', name: 'greet' }).step('hello', async () => 'hello')
    const authenticator = {
      authenticate({ headers }) {
        if (headers.get('authorization') === 'Bearer good') return { id: 'ada' }
        throw new AuthenticationFailed('This token is not good.')
      },
    }
    const tasker = await createTasker({
      definitions: [greet],
      server: { bodyMaxBytes: 100_000 },
      auth: { authenticationEnabled: true, authenticator },
    })
    await tasker.worker.start()
    export const server = createServer(tasker)`,
  'app/tasker/[[...path]]/route.js': `import { nextHandlers } from '@tasker/server/next'
    export const dynamic = 'force-dynamic'
    export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = nextHandlers(
      async () => (await import('../../../tasker.js')).server,
    )`,
}

async function build(folder: string): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  const packed: string[] = []
  for (const name of ['engine', 'embedded-postgres', 'server']) {
    const options = ['pack', '--silent', '--pack-destination', folder]
    const { stdout } = await run('npm', options, { cwd: join(root, 'packages', name) })
    packed.push(join(folder, stdout.trim().split('\n').at(-1) ?? ''))
  }
  const { next, react } = values
  const wanted = [...packed, `next@${next}`, `react@${react}`, `react-dom@${react}`]
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', ...wanted], {
    cwd: folder,
  })
  await run(join(folder, 'node_modules/.bin/next'), ['build'], { cwd: folder })
}

async function ask(origin: string): Promise<Readonly<Record<string, boolean>>> {
  const authorization = 'Bearer good'
  const post = async (body: string, given: string = authorization): Promise<Response> =>
    fetch(`${origin}/tasker/tasks`, {
      method: 'POST',
      headers: { authorization: given, 'content-type': 'application/json' },
      body,
    })
  const created = await post(JSON.stringify({ namespace: 'demo', name: 'greet', context: {} }))
  const location = created.headers.get('location') ?? ''
  const stream = await fetch(`${origin}${location}/events?since=start&event=task.completed`, {
    headers: { authorization },
  })
  let told = ''
  const body: AsyncIterable<Uint8Array> = stream.body ?? new ReadableStream<Uint8Array>()
  for await (const chunk of body) {
    told += Buffer.from(chunk).toString()
    if (told.includes('event: task.completed')) break
  }
  const large = JSON.stringify({ name: 'greet', context: { x: 'x'.repeat(2_000_000) } })
  return {
    'creates a task': created.status === 201,
    'tells its events': told.includes('event: task.completed'),
    'turns strangers away': (await post('{}', '')).status === 401,
    'takes no large body': (await post(large)).status === 413,
    'leaves the other routes': (await (await fetch(origin)).text()).includes('its own'),
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo // of a TCP server that listens
  probe.close()
  await once(probe, 'close')
  return port
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tasker-next-'))
  try {
    await build(folder)
    const port = await freePort()
    const options = ['start', '--port', String(port), '--hostname', '127.0.0.1']
    const started = spawn(join(folder, 'node_modules/.bin/next'), options, {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const ended = once(started, 'exit')
    try {
      for await (const text of started.stdout) if (String(text).includes('Ready')) break
      const answers = await ask(`http://127.0.0.1:${port}`)
      for (const [what, isSo] of Object.entries(answers))
        console.log(`${isSo ? 'ok' : 'FAILED'}  ${what}`)
      if (Object.values(answers).includes(false)) process.exitCode = 1
    } finally {
      started.kill('SIGTERM')
      await ended
    }
  } finally {
    if (values.keep) console.log(folder)
    else await rm(folder, { recursive: true, force: true })
  }
}

await main()
