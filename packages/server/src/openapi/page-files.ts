// The files of the documentation page: Swagger UI, copied beside the build by tools/copy-swagger-ui.ts, or as installed where
// this runs from source; and the lines that start it. Each is known by its digest, and so may be kept for good.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

export interface PageFile {
  /** `swagger-ui.1c7b0e5f.css`. */
  readonly name: string
  readonly contentType: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

export interface PageFiles {
  readonly style: PageFile
  readonly bundle: PageFile
  readonly start: PageFile
}

/** Finds the document beside itself, wherever the host has put both. The token that is tried out is kept nowhere. */
const startScript = `SwaggerUIBundle({
  url: new URL('openapi.json', document.currentScript.src).href,
  domNode: document.getElementById('documentation'),
  deepLinking: true,
  docExpansion: 'none',
  persistAuthorization: false,
  tryItOutEnabled: true,
  validatorUrl: null,
})
`

const installed = createRequire(import.meta.url)

export async function readPageFiles(): Promise<PageFiles> {
  const [style, bundle] = await Promise.all([
    readFile(whereIs('swagger-ui.css')),
    readFile(whereIs('swagger-ui-bundle.js')),
  ])
  return {
    style: named('swagger-ui.css', 'text/css; charset=utf-8', style),
    bundle: named('swagger-ui-bundle.js', 'text/javascript; charset=utf-8', bundle),
    start: named('start.js', 'text/javascript; charset=utf-8', Buffer.from(startScript)),
  }
}

function whereIs(name: string): URL {
  const copied = new URL(`../../dist/swagger-ui/${name}`, import.meta.url)
  return existsSync(copied) ? copied : pathToFileURL(installed.resolve(`swagger-ui-dist/${name}`))
}

function named(name: string, contentType: string, bytes: Uint8Array): PageFile {
  const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 16)
  const dot = name.lastIndexOf('.')
  return {
    name: `${name.slice(0, dot)}.${digest}${name.slice(dot)}`,
    contentType,
    bytes: new Uint8Array(bytes),
  }
}
