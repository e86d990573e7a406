// The analysis of a task as text: its essentials. All of it is what `--json` prints.
import { count, formatDuration, plainText, type TaskAnalysis } from '@tasker/engine'
import { cut, formatTable, type Column } from './columns.ts'
import type { Paint, Terminal } from './terminal.ts'

type PathRow = TaskAnalysis['criticalPaths']['paths'][number]
type LevelRow = TaskAnalysis['parallelismOpportunities']['levels'][number]
type ErrorRow = TaskAnalysis['errorChains']['errorChains'][number]
type TimeRow = TaskAnalysis['schedule']['timeBottlenecks'][number]
type BottleneckRow = TaskAnalysis['bottlenecks']['bottlenecks'][number]

/** Levels of a long chain say little; all of them are in the JSON. */
const levelsShown = 20
/** Names of a path, in columns. */
const pathWidthMax = 120

export function formatAnalysis(analysis: TaskAnalysis, terminal: Terminal): string {
  const { taskExecutionSummary: summary } = analysis
  return [
    formatHead(analysis, terminal.paint),
    section('Paths that matter most', formatPaths(analysis, terminal), terminal),
    section('What takes time', formatTimes(analysis, terminal), terminal),
    section('Levels', formatLevels(analysis, terminal), terminal),
    section('Failed steps', formatErrors(analysis, terminal), terminal),
    section('Bottlenecks', formatBottlenecks(analysis, terminal), terminal),
    section(
      'To do',
      summary.recommendations.map((sentence) => `  ${plainText(sentence)}`).join('\n'),
      terminal,
    ),
  ].join('')
}

function section(title: string, text: string, { paint }: Terminal): string {
  return text === '' ? '' : `\n\n${paint.bold(title)}\n${text}`
}

function formatHead(analysis: TaskAnalysis, paint: Paint): string {
  const { taskExecutionSummary: summary, criticalPaths, parallelismOpportunities } = analysis
  const paths = criticalPaths.totalPaths
  const paintHealth = {
    healthy: paint.green,
    warning: paint.yellow,
    critical: paint.red,
  }[summary.overallHealth]
  return [
    `Task ${analysis.taskId}: ${paintHealth(summary.overallHealth)}, ` +
      `${parallelismOpportunities.overallCompletion} % done`,
    `${count(summary.totalSteps, 'step')} on ${count(summary.dependencyLevels, 'level')}, ` +
      `${summary.totalDependencies} ${summary.totalDependencies === 1 ? 'dependency' : 'dependencies'}, ` +
      `${count(paths, 'path', Number.MAX_SAFE_INTEGER)}, ` +
      `the longest of ${count(summary.longestPathLength, 'step')}`,
  ].join('\n')
}

function formatPaths({ criticalPaths }: TaskAnalysis, { paint, width }: Terminal): string {
  const columns: readonly Column<PathRow>[] = [
    { title: 'Score', text: (row) => String(row.criticalityScore), align: 'right' },
    { title: 'Steps', text: (row) => String(row.length), align: 'right' },
    { title: 'Done', text: (row) => String(row.completedSteps), align: 'right' },
    { title: 'Blocked', text: (row) => String(row.blockedSteps), align: 'right' },
    {
      title: 'Failed',
      text: (row) => String(row.errorSteps),
      align: 'right',
      paint: (text, row) => (row.errorSteps > 0 ? paint.red(text) : text),
    },
    { title: 'Path', text: (row) => cut(row.stepNames.join(' → '), pathWidthMax) },
  ]
  return formatTable(criticalPaths.paths, columns, { width, paintTitle: paint.dim })
}

function formatTimes({ schedule }: TaskAnalysis, { paint, width }: Terminal): string {
  if (schedule.timeBottlenecks.length === 0) return ''
  const columns: readonly Column<TimeRow>[] = [
    { title: 'Step', text: (row) => row.stepName },
    { title: 'Takes', text: (row) => formatDuration(row.durationMs), align: 'right' },
    { title: 'Known from', text: (row) => row.durationFrom, paint: paint.dim },
    { title: 'Of the path', text: (row) => `${row.shareOfCriticalPath} %`, align: 'right' },
    { title: 'Without it', text: (row) => `${formatDuration(row.gainMs)} shorter`, align: 'right' },
  ]
  const path = cut(plainText(schedule.criticalPathNames.join(' → ')), pathWidthMax)
  const table = formatTable(schedule.timeBottlenecks, columns, { width, paintTitle: paint.dim })
  return `  Critical path, ${formatDuration(schedule.criticalPathMs)}: ${path}\n${table}`
}

function formatLevels(
  { parallelismOpportunities: { levels } }: TaskAnalysis,
  { paint, width }: Terminal,
): string {
  const columns: readonly Column<LevelRow>[] = [
    { title: 'Level', text: (row) => String(row.level), align: 'right' },
    { title: 'Steps', text: (row) => String(row.totalSteps), align: 'right' },
    { title: 'Ready', text: (row) => String(row.readySteps), align: 'right' },
    { title: 'Blocked', text: (row) => String(row.blockedSteps), align: 'right' },
    { title: 'Failed', text: (row) => String(row.errorSteps), align: 'right' },
    { title: 'Done', text: (row) => String(row.completedSteps), align: 'right' },
    { title: 'Parallelism', text: (row) => row.parallelismPotential, paint: paint.dim },
  ]
  const shown = levels.slice(0, levelsShown)
  const table = formatTable(shown, columns, { width, paintTitle: paint.dim })
  const left = levels.length - shown.length
  return left === 0 ? table : `${table}\n  and ${count(left, 'level')} more`
}

function formatErrors({ errorChains }: TaskAnalysis, { paint, width }: Terminal): string {
  if (errorChains.errorChains.length === 0) return ''
  const columns: readonly Column<ErrorRow>[] = [
    { title: 'Step', text: (row) => row.errorStepName, paint: paint.red },
    {
      title: 'Attempts',
      text: (row) => `${row.errorAttempts}/${row.retryLimit}`,
      align: 'right',
    },
    { title: 'Blocks', text: (row) => String(row.totalBlockedDownstreamSteps), align: 'right' },
    { title: 'Impact', text: (row) => String(row.totalImpact), align: 'right' },
    {
      title: 'What to do',
      text: (row) => row.recoveryStrategies.map(({ strategy }) => strategy).join(', '),
    },
  ]
  return formatTable(errorChains.errorChains, columns, { width, paintTitle: paint.dim })
}

function formatBottlenecks({ bottlenecks }: TaskAnalysis, { paint, width }: Terminal): string {
  if (bottlenecks.bottlenecks.length === 0) return ''
  const columns: readonly Column<BottleneckRow>[] = [
    { title: 'Step', text: (row) => row.stepName },
    { title: 'Kind', text: (row) => row.bottleneckType },
    { title: 'Score', text: (row) => String(row.impactScore), align: 'right' },
    { title: 'Severity', text: (row) => row.severity },
    { title: 'Resolved', text: (row) => row.estimatedResolutionTime, paint: paint.dim },
  ]
  const table = formatTable(bottlenecks.bottlenecks, columns, { width, paintTitle: paint.dim })
  const left = bottlenecks.totalBottlenecks - bottlenecks.bottlenecks.length
  return left === 0 ? table : `${table}\n  and ${left} more`
}
