// What an operator action did to one task, as text: the task, each step that changed, and how to take it back.
import type { MovedStep, OperatorAction, Operation } from '@tasker/engine'
import { formatTable, type Column } from './columns.ts'
import type { Terminal } from './terminal.ts'
import { paintState } from './wording.ts'

type View = Pick<Terminal, 'paint' | 'width'>

export function formatOperation(operation: Operation, view: View): string {
  const head = formatHead(operation, view)
  return operation.steps.length === 0 ? head : `${head}\n${formatSteps(operation, view)}`
}

function formatHead({ action, taskId, from, state, isHeld, isChanged }: Operation, view: View) {
  const painted = paintState(state, state, view.paint)
  const task = `Task ${taskId}`
  if (!isChanged)
    return `${task} was ${isHeld ? 'held' : 'not held'} already; nothing was changed (${painted}).`
  if (action === 'hold') return `${task} is held (${painted}).`
  if (action === 'resume') return `${task} is no longer held (${painted}).`
  const held = isHeld ? `, and ${view.paint.yellow('held')}: nothing of it starts` : ''
  return `${task} is ${painted}${from === state ? '' : `, was ${from}`}${held}.`
}

function formatSteps(operation: Operation, { paint, width }: View): string {
  const { steps } = operation
  const columns: readonly Column<MovedStep>[] = [
    { title: 'Step', text: ({ step }) => step },
    { title: 'Was', text: ({ from }) => from, paint: paint.dim },
    { title: 'Is', text: ({ to }) => to, paint: (text, { to }) => paintState(text, to, paint) },
    { title: '', text: ({ by }) => noteOf(by, operation), paint: paint.dim },
  ]
  return formatTable(steps, columns, { width, paintTitle: paint.dim })
}

/** What the two states do not say. */
function noteOf(by: MovedStep['by'], { action, isHeld }: Operation): string {
  const due = isHeld ? 'due when the task is resumed' : 'due now'
  switch (by) {
    case 'asked':
      if (action === 'set_retry_limit') return 'has its new limit'
      return makesDue.includes(action) ? due : ''
    case 'descent':
      return 'depends on a cancelled step'
    case 'release':
      return `${due}: its last parent is satisfied`
    default:
      return by satisfies never
  }
}

const makesDue: readonly OperatorAction[] = ['retry', 'retry_now', 'wake']
