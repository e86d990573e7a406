// Writes the Grafana dashboard and the rules of Prometheus that come with the engine, from tools/observability. With --check
// it only says whether they are fresh. `npm run docs:update` runs all generators.
import { join } from 'node:path'
import { writeOrCheck } from './generated-page.ts'
import { grafanaDashboard } from './observability/dashboard.ts'
import { rulesText } from './observability/rules-text.ts'

const folder = join('packages', 'engine', 'observability')

writeOrCheck(
  join(folder, 'grafana-dashboard.json'),
  `${JSON.stringify(grafanaDashboard(), null, 2)}\n`,
)

writeOrCheck(
  join(folder, 'prometheus-rules.yml'),
  [
    '# Rules of Tasker for Prometheus: recordings and alerts. What each alert means and what to do: docs/guides/alerts.md.',
    '# Generated from tools/observability by tools/generate-observability.ts. Do not edit.',
    ...rulesText(),
    '',
  ].join('\n'),
)
