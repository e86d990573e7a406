// The files for schedulers that come with @tasker/cli: each is what its scheduler takes, and what they run is a command that
// there is. A command or an option that gets another name fails here.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { hasPrometheus, promtool } from '../packages/cli/test/prometheus.ts'
import { exportAlertCases } from '../packages/cli/test/export-alert-cases.ts'
import { at, listAt, numberAt, textAt, textsAt } from '../packages/cli/src/validation/json-path.ts'
import { readYaml } from '../packages/engine/src/definitions/yaml-source.ts'
import { metricCatalogue } from '../packages/engine/src/telemetry/metrics/catalogue.ts'
import { root } from '../tools/run-program.ts'
import { faultsOf } from './command-faults.ts'
import { composeFaults, cronFaults, entriesOf, readUnit } from './deployment-files.ts'

const folder = join(root, 'packages', 'cli', 'deployment')
const textOf = (file: string): Promise<string> => readFile(join(folder, file), 'utf8')

async function dataOf(file: string): Promise<unknown> {
  const reading = readYaml(await textOf(file), file)
  expect(reading).toMatchObject({ ok: true })
  return reading.ok ? reading.source.data : null
}

test('the page beside them names every file, and no other', async () => {
  const page = await textOf('README.md')
  const named = [...page.matchAll(/^\| `([^`]+)`/gm)].map(([, name = '']) => name)
  const there = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'README.md')
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
  const isNamed = (file: string): boolean =>
    named.includes(file) || (file.startsWith('systemd/') && named.includes('systemd/*.service'))
  expect(there.filter((file) => !isNamed(file))).toEqual([])
  expect(named.filter((name) => !name.includes('*') && !there.includes(name))).toEqual([])
})

describe('Kubernetes', () => {
  test.for([
    ['export', 300],
    ['sync', 60],
  ] as const)(
    'the CronJob %s runs a command, one at a time, for less than its interval',
    async ([name, intervalSeconds]) => {
      const job = await dataOf(`kubernetes/${name}-cronjob.yaml`)
      expect(job).toMatchObject({
        apiVersion: 'batch/v1',
        kind: 'CronJob',
        metadata: { name: `tasker-metrics-${name}` },
        spec: { concurrencyPolicy: 'Forbid' },
      })
      expect(cronFaults(textAt(job, 'spec', 'schedule'))).toEqual([])
      const spec = ['spec', 'jobTemplate', 'spec'] as const
      const deadline = numberAt(job, ...spec, 'activeDeadlineSeconds')
      expect(deadline).toBeGreaterThan(0)
      expect(deadline).toBeLessThan(intervalSeconds)
      // The controller looks every ten seconds.
      expect(numberAt(job, 'spec', 'startingDeadlineSeconds')).toBeGreaterThan(10)
      const pod = [...spec, 'template', 'spec'] as const
      expect(textAt(job, ...pod, 'restartPolicy')).toBe('Never')
      expect(at(job, ...pod, 'securityContext', 'runAsNonRoot')).toBe(true)
      const [container] = listAt(job, ...pod, 'containers')
      expect(container).toMatchObject({
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        resources: { requests: { memory: '128Mi' }, limits: { memory: '256Mi' } },
      })
      const words = [...listAt(container, 'command'), ...listAt(container, 'args')].map(String)
      const command = words.join(' ').replace('node_modules/.bin/', '')
      expect(command).toMatch(new RegExp(`^tasker metrics ${name}`))
      expect(faultsOf(name, command)).toEqual([])
      const timeoutSeconds = Number(/--timeout (\d+)s/.exec(command)?.[1])
      expect(timeoutSeconds).toBeLessThan(deadline)
    },
  )

  test('what the exit code of the command says is heeded: wrong use is not tried again', async () => {
    const job = await dataOf('kubernetes/export-cronjob.yaml')
    const spec = at(job, 'spec', 'jobTemplate', 'spec')
    const [rule] = listAt(spec, 'podFailurePolicy', 'rules')
    expect(rule).toMatchObject({ action: 'FailJob', onExitCodes: { operator: 'In', values: [2] } })
    const [container] = listAt(spec, 'template', 'spec', 'containers')
    expect(textAt(rule, 'onExitCodes', 'containerName')).toBe(textAt(container, 'name'))
  })

  test('the monitors select the Service, and pods like those behind it, by a port that it has', async () => {
    const [service, serviceMonitor, podMonitor] = await Promise.all(
      ['metrics-service', 'service-monitor', 'pod-monitor'].map((name) =>
        dataOf(`kubernetes/${name}.yaml`),
      ),
    )
    expect(service).toMatchObject({ apiVersion: 'v1', kind: 'Service' })
    const operator = 'monitoring.coreos.com/v1'
    expect(serviceMonitor).toMatchObject({ apiVersion: operator, kind: 'ServiceMonitor' })
    expect(podMonitor).toMatchObject({ apiVersion: operator, kind: 'PodMonitor' })
    expect(textsAt(service, 'metadata', 'labels')).toMatchObject(
      textsAt(serviceMonitor, 'spec', 'selector', 'matchLabels'),
    )
    expect(textsAt(podMonitor, 'spec', 'selector', 'matchLabels')).toEqual(
      textsAt(service, 'spec', 'selector'),
    )
    const ports = listAt(service, 'spec', 'ports').map((port) => textAt(port, 'name'))
    expect(ports).toEqual([textAt(serviceMonitor, 'spec', 'endpoints', 0, 'port')])
    expect(ports).toEqual([textAt(podMonitor, 'spec', 'podMetricsEndpoints', 0, 'port')])
  })
})

describe('systemd', () => {
  const names = ['tasker-metrics-export', 'tasker-metrics-sync']
  const allowed: Readonly<Record<string, readonly string[]>> = {
    service: ['Unit', 'Service'],
    timer: ['Unit', 'Timer', 'Install'],
  }

  test.for(names.flatMap((name) => [`${name}.service`, `${name}.timer`]))(
    '%s is a unit',
    async (file) => {
      const { unit, faults } = readUnit(await textOf(`systemd/${file}`))
      expect(faults).toEqual([])
      expect([...unit.keys()]).toEqual(allowed[file.split('.')[1] ?? ''])
    },
  )

  test.for(names)('%s runs a command, once, with a limit on its time', async (name) => {
    const { unit } = readUnit(await textOf(`systemd/${name}.service`))
    const service = unit.get('Service')
    expect(service?.get('Type')).toEqual(['oneshot'])
    const command = service?.get('ExecStart')?.join() ?? ''
    const line = command.replace(/^\/srv\/shop\/node_modules\/\.bin\//, '')
    expect(line).toMatch(/^tasker metrics /)
    expect(faultsOf(name, line)).toEqual([])
    const timeoutSeconds = Number(/--timeout (\d+)s/.exec(command)?.[1])
    expect(timeoutSeconds).toBeLessThan(Number(service?.get('TimeoutStartSec')?.join()))
  })

  test.runIf(isInstalled('systemd-analyze'))('systemd finds nothing wrong with them', async () => {
    const scratch = await mkdtemp(join(tmpdir(), 'tasker-units-'))
    onTestFinished(() => rm(scratch, { recursive: true, force: true }))
    const files = names.flatMap((name) => [`${name}.service`, `${name}.timer`])
    for (const file of files) {
      const text = await textOf(`systemd/${file}`)
      // The application is not here.
      await writeFile(join(scratch, file), text.replace(/^ExecStart=\S+/m, 'ExecStart=/bin/true'))
    }
    const paths = files.map((file) => join(scratch, file))
    const { stdout, stderr } = await promisify(execFile)('systemd-analyze', ['verify', ...paths])
    expect(stdout + stderr).toBe('')
  })
})

test('the lines of cron have a schedule, one at a time, a limit, a mail, and a command that there is', async () => {
  const lines = (await textOf('cron/tasker-metrics'))
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  const settings = lines.filter((line) => /^[A-Z_]+=/.test(line))
  const jobs = lines.filter((line) => !settings.includes(line))
  expect(settings.map((line) => line.split('=')[0])).toContain('MAILTO')
  expect(jobs).toHaveLength(2)
  for (const job of jobs) {
    const [, schedule = '', shell = ''] = /^((?:\S+ ){4}\S+) [a-z]+ (.*)$/.exec(job) ?? []
    expect(cronFaults(schedule)).toEqual([])
    // cron takes a bare % for the end of the line.
    expect(shell).not.toMatch(/(?<!\\)%/)
    const [, line = ''] =
      / flock -n -E 0 \S+ timeout \d+ node_modules\/\.bin\/(tasker [^>]+) >> /.exec(shell) ?? []
    expect(line).toMatch(/^tasker metrics /)
    expect(faultsOf('cron', line.trim())).toEqual([])
    expect(shell).toMatch(/ \|\| \{ echo ".+"; tail .+; \}$/)
    await promisify(execFile)('/bin/sh', ['-n', '-c', shell])
  }
})

test('the compose file is one, and its sidecar runs commands that there are', async () => {
  const file = await dataOf('compose/compose.yaml')
  expect(composeFaults(file)).toEqual([])
  expect(entriesOf(at(file, 'services')).map(([name]) => name)).toEqual([
    'worker',
    'exporter',
    'redis',
    'pushgateway',
  ])
  const worker = listAt(file, 'services', 'worker', 'command').map(String).join(' ')
  expect(faultsOf('worker', worker.replace('node_modules/.bin/', ''))).toEqual([])
  const script = String(listAt(file, 'services', 'exporter', 'command')[2]).replaceAll('$$', '$')
  await promisify(execFile)('/bin/sh', ['-n', '-c', script])
  const lines = [...script.matchAll(/(tasker [^&|;\n]+)/g)].map(([, line = '']) => line.trim())
  expect(lines).toHaveLength(1)
  expect(lines.flatMap((line) => faultsOf('exporter', line))).toEqual([])
})

test('what is wrong with a file would be found', () => {
  expect(cronFaults('*/5 * * * *')).toEqual([])
  expect([
    '60 * * * *',
    '* * * *',
    '*/0 * * * *',
    '* * 0 * *',
    '5-1 * * * *',
    'a * * * *',
  ]).toSatisfy((schedules: readonly string[]) =>
    schedules.every((schedule) => cronFaults(schedule).length === 1),
  )
  expect(readUnit('[Unit]\nsetting\n').faults).toHaveLength(1)
  const broken = {
    services: {
      a: { image: 'i', comand: 'x', depends_on: { b: { condition: 'service_healthy' } } },
    },
  }
  expect(composeFaults(broken)).toEqual([
    'a: comand is no key of it.',
    'a: it needs b, which there is not.',
  ])
})

describe('Prometheus', () => {
  const rules = 'prometheus/export-rules.yml'

  test('every metric of ours that the alerts name is in the catalogue', async () => {
    const named = [...(await textOf(rules)).matchAll(/\btasker_([a-z0-9_]+)/g)]
    expect(named.length).toBeGreaterThan(0)
    expect(named.filter(([, name = '']) => !Object.hasOwn(metricCatalogue, name))).toEqual([])
  })

  test('what to do about each stands in the guide', async () => {
    const guide = await readFile(join(root, 'docs', 'guides', 'alerts.md'), 'utf8')
    const headings = [...guide.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading.toLowerCase().replaceAll(' ', '-'),
    )
    const books = [
      ...(await textOf(rules)).matchAll(/runbook_url: docs\/guides\/alerts\.md#(\S+)/g),
    ]
    expect(books).toHaveLength(4)
    expect(books.filter(([, anchor = '']) => !headings.includes(anchor))).toEqual([])
  })

  test.runIf(hasPrometheus)(
    'promtool takes the rules, and each alert fires in its story and keeps quiet in the other',
    async () => {
      const file = join(folder, rules)
      expect(await promtool(['check', 'rules', '--lint-fatal', file])).toContain('4 rules found')
      const alerts = [...(await textOf(rules)).matchAll(/alert: (\w+)/g)].map(([, name]) => name)
      expect(Object.keys(exportAlertCases)).toEqual(alerts)
      const stories = Object.entries(exportAlertCases).flatMap(([alert, { fires, keepsQuiet }]) => [
        ...fires.map((series) => ({ alert, series, firing: 1 })),
        ...keepsQuiet.map((series) => ({ alert, series, firing: 0 })),
      ])
      const tests = stories.map(({ alert, series, firing }, index) => ({
        name: `${alert} ${firing === 1 ? 'fires' : 'keeps quiet'}, story ${index + 1}`,
        interval: '1m',
        input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
        promql_expr_test: [
          {
            expr: `count(ALERTS{alertname="${alert}",alertstate="firing"}) or vector(0)`,
            eval_time: '60m',
            exp_samples: [{ labels: '{}', value: firing }],
          },
        ],
      }))
      const scratch = await mkdtemp(join(tmpdir(), 'tasker-export-rules-'))
      onTestFinished(() => rm(scratch, { recursive: true, force: true }))
      const cases = join(scratch, 'cases.json') // YAML reads JSON
      await writeFile(
        cases,
        JSON.stringify({ rule_files: [file], evaluation_interval: '1m', tests }),
      )
      expect(await promtool(['test', 'rules', cases])).toMatch(/^exit code 0\n.*\n\s+SUCCESS\s*$/)
    },
  )
})

function isInstalled(program: string): boolean {
  return (process.env['PATH'] ?? '').split(':').some((place) => {
    try {
      return readdirSync(place).includes(program)
    } catch {
      return false
    }
  })
}
