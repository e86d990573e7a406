// What is wrong with the plans of a call, and with what calls cost when more is retained: counts, in words that name the
// statement, the function and the table. The bounds of the gate stand here.
import type { Call, Execution, PlanNode } from './session-plans.ts'

export const bounds = {
  /**
   * Most rows that one node of a plan may read, and most that it may sort, in one call. A page of the sweep or of the roll-up has
   * some thousand, a batch of steps some hundred; every table with rows of tasks has more here.
   */
  rowsMax: 6_000,
  /**
   * A call among a hundred times the tasks. Their indexes have one level more: three pages of a look-up become four, two of one
   * that finds nothing become three, and rows that just changed add a page here and there. What grows with the tasks grows more.
   */
  growthMax: 2,
  /** The calls that are nearly all there is: they append too, where a level counts for less. */
  growthMaxOf: new Map([
    ['create_tasks', 1.3],
    ['finish_steps', 1.3],
  ]),
  /** Buffers that are no growth: the first rows of a table that was empty. */
  growthFrom: 8,
}

/** Every fault once, sorted. */
export function planFaults(
  calls: readonly Call[],
  bigTables: ReadonlySet<string>,
): readonly string[] {
  const faults = calls.flatMap((call) =>
    call.executions.flatMap(({ within, plan }) =>
      nodesOf(plan)
        .flatMap((node) => nodeFaults(node, bigTables))
        .map((fault) => `${placeOf(call, within)} ${fault}`),
    ),
  )
  return [...new Set(faults)].toSorted()
}

function placeOf({ name, text }: Call, within: string | null): string {
  const statement = name ?? text.slice(0, 60)
  return within === null || within === name ? statement : `${within} in ${statement}`
}

function nodeFaults(node: PlanNode, bigTables: ReadonlySet<string>): readonly string[] {
  const type = node['Node Type']
  const table = node['Relation Name']
  const isBig = table !== undefined && bigTables.has(table)
  if (type === 'Seq Scan' && isBig) return [`reads ${table} from end to end`]
  const isScan = isBig && type.includes('Scan')
  if (isScan && rowsRead(node) > bounds.rowsMax) {
    return [`reads more than ${bounds.rowsMax} rows of ${table} by ${node['Index Name'] ?? type}`]
  }
  return rowsSorted(node) > bounds.rowsMax ? [`sorts more than ${bounds.rowsMax} rows`] : []
}

const rowsRead = (node: PlanNode): number =>
  (node['Actual Rows'] +
    (node['Rows Removed by Filter'] ?? 0) +
    (node['Rows Removed by Index Recheck'] ?? 0)) *
  node['Actual Loops']

/** What goes in: of what comes out a limit takes the first. */
const rowsSorted = (node: PlanNode): number =>
  node['Node Type'].includes('Sort')
    ? (node.Plans ?? []).reduce((sum, part) => sum + part['Actual Rows'] * part['Actual Loops'], 0)
    : 0

/** What statements cost among few retained tasks and among many, by name: those that cost more. */
export function growthFaults(
  few: ReadonlyMap<string, number>,
  many: ReadonlyMap<string, number>,
): readonly string[] {
  return [...many].flatMap(([name, buffers]) => {
    const before = few.get(name) ?? Number.NaN
    const allowed = before * (bounds.growthMaxOf.get(name) ?? bounds.growthMax)
    return buffers <= Math.max(allowed, before + bounds.growthFrom)
      ? []
      : [`${name} touches ${before} buffers among few retained tasks, ${buffers} among many`]
  })
}

/** By name: the buffers of a call, in the middle of them; of those that move many steps or tasks, for each of them. */
export function buffersByName(calls: readonly Call[]): ReadonlyMap<string, number> {
  const found = new Map<string, number[]>()
  for (const call of calls) {
    const units = unitsOf(call)
    if (call.name === null || units === 0) continue
    const buffers = buffersOf(call.executions.at(-1)?.plan)
    const sample = found.get(call.name) ?? []
    found.set(call.name, [...sample, Math.round(buffers / units)])
  }
  return new Map([...found].map(([name, sample]) => [name, middleOf(sample)]))
}

const buffersOf = (plan: PlanNode | undefined): number =>
  plan === undefined ? Number.NaN : plan['Shared Hit Blocks'] + plan['Shared Read Blocks']

const unitsMin = 20

/** A call of several is told by what it does for each; 0: too few for that. */
function unitsOf({ name, executions }: Call): number {
  if (name === 'finish_steps') {
    const steps = sumOf(executions, (node) => isUpdateOf(node, 'workflow_steps'))
    return steps < unitsMin ? 0 : steps
  }
  if (name === 'roll_up_tasks') {
    const counted = executions.filter(({ within }) => within === 'count_tasks')
    const tasks = sumOf(counted, (node) => node.Alias === 'k')
    return tasks < unitsMin ? 0 : tasks
  }
  return 1
}

const isUpdateOf = (node: PlanNode, table: string): boolean =>
  node['Node Type'] === 'ModifyTable' &&
  node.Operation === 'Update' &&
  node['Relation Name'] === table

const sumOf = (executions: readonly Execution[], isCounted: (node: PlanNode) => boolean): number =>
  executions
    .flatMap(({ plan }) => nodesOf(plan))
    .filter(isCounted)
    .reduce((sum, node) => sum + node['Actual Rows'] * node['Actual Loops'], 0)

const nodesOf = (node: PlanNode): readonly PlanNode[] => [
  node,
  ...(node.Plans ?? []).flatMap(nodesOf),
]

const middleOf = (sample: readonly number[]): number =>
  sample.toSorted((a, b) => a - b)[Math.floor(sample.length / 2)] ?? Number.NaN
