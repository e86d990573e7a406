// Copies what the documentation page of @tasker/server needs of Swagger UI beside its build, with the licences: so that the
// package brings it and needs no other. Run by npm before the package is packed.
import { cpSync, mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const server = join(import.meta.dirname, '..', 'packages', 'server')
const installed = createRequire(join(server, 'package.json'))
const target = join(server, 'dist', 'swagger-ui')
mkdirSync(target, { recursive: true })
for (const name of [
  'swagger-ui.css',
  'swagger-ui-bundle.js',
  'swagger-ui-bundle.js.LICENSE.txt',
  'LICENSE',
  'NOTICE',
])
  cpSync(installed.resolve(`swagger-ui-dist/${name}`), join(target, name))
