// The rules as Prometheus reads them: YAML, line by line. What they are is rules.ts.
import { alerts, recordings, runbookOf, type Alert, type Recording } from './rules.ts'

export const rulesText = (): readonly string[] => [
  'groups:',
  '  - name: tasker-recordings',
  '    rules:',
  ...recordings.flatMap(recordingText),
  '  - name: tasker-alerts',
  '    rules:',
  ...alerts.flatMap(alertText),
]

const recordingText = ({ record, expression }: Recording): readonly string[] => [
  `      - record: ${record}`,
  `        expr: ${quoted(expression)}`,
]

const alertText = (alert: Alert): readonly string[] => [
  `      - alert: ${alert.name}`,
  `        expr: ${quoted(`${alert.value} ${alert.fires}`)}`,
  ...(alert.holdsFor === '0m' ? [] : [`        for: ${alert.holdsFor}`]),
  '        labels:',
  `          severity: ${alert.severity}`,
  '        annotations:',
  `          summary: ${quoted(alert.summary)}`,
  `          description: ${quoted(alert.description)}`,
  `          runbook_url: ${runbookOf(alert.name)}`,
]

/** In single quotes YAML knows no escapes but the doubled quote. */
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`
