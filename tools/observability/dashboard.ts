// The Grafana dashboard as JSON, of the schema that Grafana 11 and 12 read. What it shows is panels-of-*.ts.
import type { Panel } from './panel.ts'
import { rowsOfProcesses } from './panels-of-processes.ts'
import { rowsOfTasks } from './panels-of-tasks.ts'

/** Of Grafana 11; Grafana 12 brings it up to date when it loads it. */
const schemaVersion = 39
const datasource = { type: 'prometheus', uid: '${datasource}' }
const columns = 24

export function grafanaDashboard(): object {
  return {
    uid: 'tasker',
    title: 'Tasker',
    description: 'Tasks, steps, queue, workers and database of Tasker.',
    tags: ['tasker'],
    schemaVersion,
    version: 1,
    editable: true,
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    timezone: '',
    annotations: { list: [] },
    links: [],
    templating: { list: variables },
    panels: panels(),
  }
}

const variables = [
  {
    name: 'datasource',
    label: 'Data source',
    type: 'datasource',
    query: 'prometheus',
    regex: '',
    refresh: 1,
    hide: 0,
    multi: false,
    includeAll: false,
    current: {},
    options: [],
  },
  variable('namespace', 'Namespace', 'label_values(tasker_tasks_in_state, namespace)'),
  variable(
    'task',
    'Task',
    'label_values(tasker_steps_started_total{namespace=~"$namespace"}, task)',
  ),
  variable('instance', 'Process', 'label_values(tasker_build_info, instance)'),
]

function variable(name: string, label: string, query: string): object {
  return {
    name,
    label,
    type: 'query',
    datasource,
    definition: query,
    query: { qryType: 1, query, refId: 'PrometheusVariableQueryEditor-VariableQuery' },
    regex: '',
    refresh: 2,
    sort: 1,
    hide: 0,
    multi: true,
    includeAll: true,
    allValue: '.*',
    current: { selected: true, text: ['All'], value: ['$__all'] },
    options: [],
  }
}

/** Each row of the source as a heading and a grid below it. */
function panels(): readonly object[] {
  const all: object[] = []
  let y = 0
  for (const { title, panels: shown } of [...rowsOfTasks, ...rowsOfProcesses]) {
    const id = all.length + 1
    const gridPos = { h: 1, w: columns, x: 0, y }
    all.push({ id, type: 'row', title, collapsed: false, gridPos, panels: [] })
    y += 1
    const isOfNumbers = shown.every(({ kind }) => kind === 'number')
    const [width, height] = isOfNumbers ? [4, 4] : [8, 8]
    const perLine = columns / width
    for (const [index, panel] of shown.entries()) {
      const place = { x: (index % perLine) * width, y: y + Math.floor(index / perLine) * height }
      all.push(panelJson(panel, all.length + 1, { h: height, w: width, ...place }))
    }
    y += Math.ceil(shown.length / perLine) * height
  }
  return all
}

function panelJson(panel: Panel, id: number, gridPos: object): object {
  const { title, description, kind, questions } = panel
  return {
    id,
    type: kind === 'number' ? 'stat' : 'timeseries',
    title,
    description,
    datasource,
    gridPos,
    targets: questions.map(({ legend, expression }, index) => ({
      refId: String.fromCodePoint('A'.charCodeAt(0) + index),
      datasource,
      editorMode: 'code',
      expr: expression,
      legendFormat: legend === '' ? '__auto' : legend,
      range: true,
    })),
    ...(kind === 'number' ? ofNumber(panel) : ofLines(panel)),
  }
}

const ofNumber = ({ unit }: Panel): object => ({
  fieldConfig: { defaults: { unit, min: 0, mappings: [] }, overrides: [] },
  options: {
    reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
    colorMode: 'none',
    graphMode: 'area',
    textMode: 'auto',
  },
})

const ofLines = ({ unit, kind }: Panel): object => ({
  fieldConfig: {
    defaults: {
      unit,
      min: 0,
      custom: {
        drawStyle: 'line',
        fillOpacity: kind === 'stacked' ? 30 : 0,
        lineWidth: 1,
        showPoints: 'never',
        stacking: { mode: kind === 'stacked' ? 'normal' : 'none', group: 'A' },
      },
    },
    overrides: [],
  },
  options: {
    legend: { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: [] },
    tooltip: { mode: 'multi', sort: 'desc' },
  },
})
