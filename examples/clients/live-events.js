// Follows a task as it happens, with EventSource: what it missed while the connection was away comes first when it is back.
// TASKER_URL=http://127.0.0.1:8420/tasker TASKER_TASK=… node --experimental-eventsource examples/clients/live-events.js
// EventSource sends no headers of its own: in a browser, the session cookie; here, a server on this machine that asks for none.
const url = process.env.TASKER_URL ?? 'http://127.0.0.1:8420/tasker'
const source = new EventSource(`${url}/tasks/${process.env.TASKER_TASK}/events?since=start`)

for (const name of ['step.completed', 'step.failed', 'task.completed', 'task.failed']) {
  source.addEventListener(name, (message) => {
    const { event, step_name: step } = JSON.parse(message.data)
    console.log(JSON.stringify(step === undefined ? { event } : { event, step }))
    if (name.startsWith('task.')) source.close()
  })
}
