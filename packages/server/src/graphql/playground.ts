// A page to try queries on: a field for the query, one for its variables, one for a token, and the answer. One file without
// anything from elsewhere, so that it works without a network and loads no stranger's code.
import { createHash } from 'node:crypto'

const style = `
body { font: 14px/1.4 system-ui, sans-serif; margin: 1rem; display: grid; gap: .5rem;
  grid-template-columns: 1fr 1fr; height: calc(100vh - 2rem); grid-template-rows: auto 3fr 1fr; box-sizing: border-box }
header { grid-column: 1 / 3; display: flex; gap: 1rem; align-items: baseline }
textarea, pre { font: 13px/1.4 ui-monospace, monospace; width: 100%; height: 100%; box-sizing: border-box; margin: 0 }
pre { grid-row: 2 / 4; grid-column: 2; overflow: auto; background: #f4f4f4; padding: .5rem; color: #111 }
`

const script = `
const field = (id) => document.getElementById(id)
const send = async () => {
  const headers = { 'content-type': 'application/json' }
  if (field('token').value !== '') headers.authorization = 'Bearer ' + field('token').value
  try {
    const variables = field('variables').value.trim() === '' ? {} : JSON.parse(field('variables').value)
    const body = JSON.stringify({ query: field('query').value, variables })
    const url = location.pathname.replace(/\\/playground\\/?$/, '')
    const answer = await fetch(url, { method: 'POST', headers, body })
    field('answer').textContent = JSON.stringify(await answer.json(), null, 2)
  } catch (error) {
    field('answer').textContent = String(error)
  }
}
field('send').addEventListener('click', send)
document.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send()
})
`

const sha256 = (text: string): string =>
  `'sha256-${createHash('sha256').update(text).digest('base64')}'`

export const playgroundPolicy = [
  "default-src 'none'",
  `script-src ${sha256(script)}`,
  `style-src ${sha256(style)}`,
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

export const playgroundPage = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Tasker: GraphQL</title><style>${style}</style></head>
<body>
<header><strong>Tasker: GraphQL</strong>
<label>Token <input id="token" type="password" autocomplete="off"></label>
<button id="send">Send (Ctrl+Enter)</button></header>
<textarea id="query" spellcheck="false" aria-label="Query">{
  tasks(first: 10) {
    totalCount
    nodes { taskId fullName status createdAt }
  }
}</textarea>
<pre id="answer" aria-live="polite"></pre>
<textarea id="variables" spellcheck="false" aria-label="Variables">{}</textarea>
<script>${script}</script>
</body>
</html>
`
