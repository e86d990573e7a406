// A client whose requests and answers are checked by the compiler: openapi-fetch, with types that openapi-typescript made from
// the OpenAPI document. Creates a task, waits until it has ended, and prints what its steps found.
// TASKER_URL=http://127.0.0.1:8420/tasker TASKER_TOKEN=… node examples/clients/typed-client.ts
import { setTimeout as pause } from 'node:timers/promises'
import createClient from 'openapi-fetch'
import type { paths } from '../../docs/reference/openapi.generated.d.ts'

const client = createClient<paths>({
  baseUrl: process.env['TASKER_URL'] ?? 'http://127.0.0.1:8420/tasker',
  headers: { authorization: `Bearer ${process.env['TASKER_TOKEN'] ?? ''}` },
})

const created = await client.POST('/tasks', {
  body: { namespace: 'clients', name: 'greet', context: { who: 'the typed client' } },
})
if (created.error !== undefined) throw new Error(`${created.error.code}: ${created.error.detail}`)
const task = await ended(created.data.task.task_id)
const [step] = task.workflow_steps ?? []
console.log(JSON.stringify({ status: task.status, results: step?.results }))

async function ended(taskId: string) {
  for (;;) {
    const shown = await client.GET('/tasks/{task_id}', { params: { path: { task_id: taskId } } })
    // The code is one of a closed list, and so is what can be done about it.
    if (shown.error !== undefined) throw new Error(`${shown.error.code}: ${shown.error.remedy}`)
    const { task: now } = shown.data
    if (now.status !== 'pending' && now.status !== 'in_progress') return now
    await pause(100)
  }
}
