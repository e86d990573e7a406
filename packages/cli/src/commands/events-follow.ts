// `tasker events follow`: prints the events of all processes as they are read from the history, until it is told to stop.
import { formatAddress, plainText, type HistoryEvent } from '@tasker/engine'
import type { ExitCode } from '../failure.ts'
import type { CommandContext } from '../program.ts'
import { listenForStop } from '../stop-signals.ts'
import type { Terminal } from '../terminal.ts'
import { withTasker } from '../with-tasker.ts'
import { formatTime } from '../wording.ts'

export interface EventsFollowOptions {
  readonly from: string
  readonly event?: readonly string[]
  readonly task?: string
  readonly namespace?: string
}

export async function eventsFollow(
  command: CommandContext,
  { from, event, task, namespace }: EventsFollowOptions,
): Promise<ExitCode> {
  const { terminal } = command
  const stop = listenForStop(() => undefined)
  try {
    return await withTasker(command, async (tasker) => {
      // The place is taken before anything is said, so that whoever reads that it follows misses nothing after it.
      const filter = {
        ...(event === undefined ? {} : { events: event }),
        ...(task === undefined ? {} : { taskId: task }),
        ...(namespace === undefined ? {} : { namespace }),
      }
      const after = from === 'now' ? (await tasker.history.read(filter)).cursor : from
      const following = tasker.history.follow({ ...filter, after, signal: stop.requested })
      terminal.log('Following events; Ctrl-C ends it.')
      for await (const told of following) show(told, terminal)
      terminal.log(`To go on from here: --from ${following.cursor ?? after}`)
      return 0
    })
  } finally {
    stop.dispose()
  }
}

function show(event: HistoryEvent, terminal: Terminal): void {
  if (terminal.isJson) terminal.document(event)
  else terminal.print(lineOf(event, terminal))
}

function lineOf({ name, payload, at }: HistoryEvent, { paint }: Terminal): string {
  const { namespace, taskName, version, taskId } = payload
  const address = formatAddress({ namespace, name: taskName, version })
  const step = 'stepName' in payload ? `  step=${payload.stepName}` : ''
  const attempt = 'attempt' in payload ? `  attempt=${payload.attempt}` : ''
  const told = plainText(`${address}  ${taskId}${step}${attempt}`)
  return `${paint.dim(formatTime(at))}  ${paint.bold(name)}  ${told}`
}
