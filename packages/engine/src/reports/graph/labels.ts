// What stands in a picture of a graph, whatever draws it: states, details, the heading, the direction. Escaping for a
// format is the format's. Pure.
import { formatAddress } from '../../definitions/names.ts'
import { count, formatDuration, plainText } from '../../wording.ts'
import type { StepGraph, StepNode } from './step-graph.ts'

/** `in progress` */
export const stateText = (state: string): string => state.replaceAll('_', ' ')

/** `error · 3 of 3 attempts · 1.2 s`; empty when nothing is known. */
export function detailOf({ state, attempts, retryLimit, durationMs }: StepNode): string {
  const parts = [
    ...(state === null ? [] : [stateText(state)]),
    ...(attempts === null || attempts < 2 ? [] : [`${attempts} of ${retryLimit} attempts`]),
    ...(durationMs === null ? [] : [formatDuration(durationMs)]),
  ]
  return parts.join(' · ')
}

/** `payments/process_order@2.1.0` */
export const titleOf = (graph: StepGraph): string => plainText(formatAddress(graph))

/** `5 steps on 3 levels; bold: the critical path, 3 steps, 1.2 s (measured)`, of a task its state before that. */
export function summaryOf({
  taskId,
  state,
  nodes,
  levels,
  criticalPath,
  durations,
}: StepGraph): string {
  const task = taskId === null || state === null ? '' : `task ${taskId} is ${stateText(state)}; `
  const size = `${count(nodes.length, 'step')} on ${count(levels.length, 'level')}`
  if (criticalPath === null) return `${task}${size}`
  const path = `${count(criticalPath.steps.length, 'step')}, ${formatDuration(criticalPath.totalMs)}`
  return `${task}${size}; bold: the critical path, ${path} (${durations})`
}

/** Where children stand. The picture grows that way with the levels, and across with the widest of them. */
export type Direction = 'right' | 'down'

/** Boxes are wider than high, so the narrower picture is the one that has fewer of them side by side. */
export function directionOf({ levels }: StepGraph): Direction {
  const widest = levels.reduce((most, names) => Math.max(most, names.length), 0)
  return levels.length > widest ? 'down' : 'right'
}

/** Positions from 1, by step name: what the text formats call steps, since names may hold anything. */
export function numberSteps(graph: StepGraph): (name: string) => string {
  const ids = new Map(graph.nodes.map(({ name }, index) => [name, `s${index + 1}`]))
  return (name) => ids.get(name) ?? '' // every edge names a node
}
