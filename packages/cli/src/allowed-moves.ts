// A refused action answered with the commands that would be accepted: the engine says which moves are allowed, here they
// become lines to copy.
import { TaskerError } from '@tasker/engine'
import { actionCommands } from './action-commands.ts'
import { FailureWithAdvice } from './failure.ts'
import { commandLine, type CommandNeeds } from './invocation.ts'

/** The same error, with advice where there is any. */
export function withAllowedMoves(error: unknown, taskId: string, needs: CommandNeeds): unknown {
  if (!(error instanceof TaskerError) || error.code !== 'MOVE_NOT_ALLOWED') return error
  const { details } = error
  // Of one refused step all that is allowed is shown; more would be a page.
  const refused = [details, ...stepsIn(details).slice(0, 1)]
  const lines = refused.flatMap((each) =>
    movesIn(each).map((move) => lineOf(move, { taskId, step: nameIn(each) }, needs)),
  )
  return lines.length === 0 ? error : new FailureWithAdvice(error, lines)
}

type Details = Readonly<Record<string, unknown>>

const stepsIn = ({ steps }: Details): readonly Details[] =>
  Array.isArray(steps) ? steps.filter(isDetails) : []

const isDetails = (value: unknown): value is Details => typeof value === 'object' && value !== null

const movesIn = ({ allowed }: Details): readonly string[] =>
  Array.isArray(allowed) ? allowed.filter((move) => typeof move === 'string') : []

const nameIn = ({ step }: Details): string | null => (typeof step === 'string' ? step : null)

function lineOf(
  move: string,
  { taskId, step }: { readonly taskId: string; readonly step: string | null },
  needs: CommandNeeds,
): string {
  const entry = actionCommands.find(({ action }) => action === move)
  const option = entry === undefined ? '--from' : '--step' // what is no action is a rerun
  const words = ['task', entry?.word ?? move, taskId, ...(step === null ? [] : [option, step])]
  const takes = entry?.takes ?? []
  const blanks = [
    ...(takes.includes('limit') ? [' --limit <number>'] : []),
    ...(takes.includes('result') && step !== null ? [" --result '<json>'"] : []),
  ]
  return commandLine(words, needs) + blanks.join('')
}
