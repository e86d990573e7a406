// The documentation as the server gives it out: the OpenAPI document, and a page that shows it and sends requests, without
// any network. Nobody is asked who they are: the document is the same in every installation of this version, and a browser
// can send a token only after the page is there.
import { TaskerError } from '@tasker/engine'
import { z } from 'zod'
import { operation, type Operation } from '../operation.ts'
import { jsonObject } from '../rest/schemas.ts'
import type { PageFile } from './page-files.ts'

/** What the page may do: run the scripts of this server, and send requests to it. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const facts = {
  method: 'get',
  permission: null,
  authentication: 'never',
  tag: 'Documentation',
} as const

const html = z.string().meta({ description: 'A page.' })

export const apiDocsOperations: readonly Operation[] = [
  operation({
    ...facts,
    id: 'showApiDocs',
    path: '/api-docs',
    summary: 'This documentation, as a page',
    answers: {
      200: { description: 'For a browser.', schema: html, contentType: 'text/html' },
    },
    async handle({ request, apiDocs }) {
      const base = new URL(request.url).pathname.replace(/\/$/, '')
      return new Response(page(base, await apiDocs.files()), {
        headers: {
          'content-type': 'text/html; charset=utf-8',
          'cache-control': 'no-store',
          'content-security-policy': contentSecurityPolicy,
          'referrer-policy': 'no-referrer',
          'x-content-type-options': 'nosniff',
        },
      })
    },
  }),
  ...['/api-docs/openapi.json', '/api-docs.json'].map((path, index) =>
    operation({
      ...facts,
      id: index === 0 ? 'getApiDocument' : 'getApiDocumentShortly',
      path,
      summary: 'This documentation, as an OpenAPI document',
      answers: { 200: { description: 'OpenAPI 3.1.', schema: jsonObject } },
      handle: async ({ apiDocs }) =>
        new Response(apiDocs.document(), {
          headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
        }),
    }),
  ),
  operation({
    ...facts,
    id: 'getApiDocsFile',
    path: '/api-docs/{file}',
    summary: 'A file of the documentation page',
    params: z.strictObject({ file: z.string() }),
    answers: {
      200: {
        description: 'It never changes.',
        schema: z.string(),
        contentType: 'text/javascript',
      },
    },
    refuses: ['ROUTE_NOT_FOUND'],
    async handle({ params, apiDocs }) {
      const files: readonly PageFile[] = Object.values(await apiDocs.files())
      const file = files.find(({ name }) => name === params.file)
      if (file === undefined)
        throw new TaskerError('ROUTE_NOT_FOUND', 'The documentation page has no such file.')
      return new Response(file.bytes, {
        headers: {
          'content-type': file.contentType,
          'cache-control': 'public, max-age=31536000, immutable',
          'x-content-type-options': 'nosniff',
        },
      })
    },
  }),
]

function page(
  base: string,
  { style, bundle, start }: Readonly<Record<'style' | 'bundle' | 'start', PageFile>>,
): string {
  const at = ({ name }: PageFile): string => `${base}/${name}`
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>Tasker: API</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="${at(style)}">
  </head>
  <body>
    <div id="documentation"></div>
    <script src="${at(bundle)}"></script>
    <script src="${at(start)}"></script>
  </body>
</html>
`
}
