// A client in plain JavaScript: fetch, and nothing to install. Creates a task once, however often it is run with one key, waits
// until it has ended, and shows what a refusal says.
// TASKER_URL=http://127.0.0.1:8420/tasker TASKER_TOKEN=… node examples/clients/javascript-client.js
import { setTimeout as pause } from 'node:timers/promises'

const url = process.env.TASKER_URL ?? 'http://127.0.0.1:8420/tasker'

/** @param {string} path @param {RequestInit} [init] */
async function call(path, init = {}) {
  const answer = await fetch(`${url}${path}`, {
    ...init,
    headers: {
      authorization: `Bearer ${process.env.TASKER_TOKEN ?? ''}`,
      ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
  })
  return { status: answer.status, body: await answer.json() }
}

const greeting = { namespace: 'clients', name: 'greet', context: { who: 'JavaScript' } }
const created = await call('/tasks', { method: 'POST', body: JSON.stringify(greeting) })
if (created.status !== 201) throw new Error(`${created.body.code}: ${created.body.detail}`)

let { task } = created.body
while (task.status === 'pending' || task.status === 'in_progress') {
  await pause(100)
  task = (await call(`/tasks/${task.task_id}`)).body.task
}

// Every refusal is one form: a code that does not change, what happened, and what to do about it.
const refused = await call('/tasks?limit=1000')
console.log(
  JSON.stringify({
    status: task.status,
    results: task.workflow_steps[0].results,
    refused: { status: refused.status, code: refused.body.code, faults: refused.body.faults },
  }),
)
