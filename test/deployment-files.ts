// What the files for schedulers have to be, so that Kubernetes, systemd, cron and compose take them: plain functions over their
// text or data. Each answers with faults, sentences; none: it is right.
import { at, listAt, textAt } from '../packages/cli/src/validation/json-path.ts'

/** The lowest and highest value of minute, hour, day, month and day of the week. */
const cronFields = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
] as const

/** Of a schedule as cron and Kubernetes read it: five fields, each a value, a range, a step of one, or a list of these. */
export function cronFaults(schedule: string): readonly string[] {
  const fields = schedule.trim().split(/\s+/)
  if (fields.length !== cronFields.length)
    return [`"${schedule}" has ${fields.length} fields, not 5.`]
  return fields.flatMap((field, index) => {
    const [min = 0, max = 0] = cronFields[index] ?? []
    return field.split(',').every((part) => isCronPart(part, min, max))
      ? []
      : [`"${schedule}": "${field}" is no value from ${min} to ${max}.`]
  })
}

function isCronPart(part: string, min: number, max: number): boolean {
  const [, range = '', step] = /^(\*|\d+(?:-\d+)?)(?:\/(\d+))?$/.exec(part) ?? []
  if (range === '' || (step !== undefined && (Number(step) < 1 || Number(step) > max))) return false
  if (range === '*') return true
  const [from = -1, to = from] = range.split('-').map(Number)
  return from >= min && to <= max && from <= to && (step === undefined || range.includes('-'))
}

/** The sections of a unit, with the values of each key. */
export type Unit = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>

export interface ReadUnit {
  readonly unit: Unit
  readonly faults: readonly string[]
}

export function readUnit(text: string): ReadUnit {
  const unit = new Map<string, Map<string, string[]>>()
  const faults: string[] = []
  let section: Map<string, string[]> | null = null
  text.split('\n').forEach((line, index) => {
    if (/^\s*(?:[#;].*)?$/.test(line)) return
    const [, name] = /^\[([A-Z][A-Za-z]+)\]$/.exec(line) ?? []
    const [, key, value = ''] = /^([A-Z][A-Za-z]+)=(.*)$/.exec(line) ?? []
    if (name !== undefined) unit.set(name, (section = new Map<string, string[]>()))
    else if (key === undefined || section === null)
      faults.push(`Line ${index + 1} is neither a section nor a setting in one: ${line}`)
    else section.set(key, [...(section.get(key) ?? []), value])
  })
  return { unit, faults }
}

/** Keys of a service that the compose specification has, as far as ours may come to use them. */
const serviceKeys = (
  'build cap_add cap_drop command configs container_name cpus depends_on deploy dns entrypoint env_file environment expose ' +
  'extends extra_hosts healthcheck hostname image init labels logging mem_limit mem_reservation network_mode networks ' +
  'platform ports profiles pull_policy read_only restart scale secrets security_opt shm_size stdin_open stop_grace_period ' +
  'stop_signal sysctls tmpfs tty ulimits user volumes working_dir'
).split(' ')
const topKeys = ['name', 'services', 'networks', 'volumes', 'secrets', 'configs', 'include']
const conditions = ['service_started', 'service_healthy', 'service_completed_successfully']
const restarts = /^(?:no|always|on-failure(?::\d+)?|unless-stopped)$/
const duration = /^(?:\d+(?:us|ms|s|m|h))+$/

export function composeFaults(file: unknown): readonly string[] {
  const services = entriesOf(at(file, 'services'))
  const volumes = entriesOf(at(file, 'volumes')).map(([name]) => name)
  const unknown = entriesOf(file)
    .map(([key]) => key)
    .filter((key) => !topKeys.includes(key) && !key.startsWith('x-'))
  return [
    ...unknown.map((key) => `${key} is no key of a compose file.`),
    ...(services.length === 0 ? ['There are no services.'] : []),
    ...services.flatMap(([name, service]) => [
      ...serviceFaults(service).map((fault) => `${name}: ${fault}`),
      ...entriesOf(at(service, 'depends_on')).flatMap(([other, needs]) =>
        dependencyFaults(services, other, textAt(needs, 'condition')).map(
          (fault) => `${name}: ${fault}`,
        ),
      ),
      ...listAt(service, 'volumes')
        .map((volume) => String(volume).split(':')[0] ?? '')
        .filter((volume) => /^\w/.test(volume) && !volumes.includes(volume))
        .map((volume) => `${name}: there is no volume ${volume}.`),
    ]),
    ...textsOf(at(file, 'services'))
      .filter((text) => /\$/.test(text.replaceAll(/\$\$|\$\{[A-Z_]+(?::?[-?+][^}]*)?\}/g, '')))
      .map((text) => `A $ that compose would take for a variable: ${text}`),
  ]
}

function serviceFaults(service: unknown): readonly string[] {
  const keys = entriesOf(service).map(([key]) => key)
  const restart = textAt(service, 'restart')
  const times = ['interval', 'timeout', 'start_period'].map((key) =>
    textAt(service, 'healthcheck', key),
  )
  return [
    ...keys.filter((key) => !serviceKeys.includes(key)).map((key) => `${key} is no key of it.`),
    ...(keys.includes('image') || keys.includes('build') ? [] : ['it has no image.']),
    ...(restart === '' || restarts.test(restart) ? [] : [`restart: ${restart} is not known.`]),
    ...times
      .filter((time) => time !== '' && !duration.test(time))
      .map((time) => `${time} is no duration.`),
  ]
}

function dependencyFaults(
  services: readonly (readonly [string, unknown])[],
  name: string,
  condition: string,
): readonly string[] {
  const service = services.find(([each]) => each === name)?.[1]
  if (service === undefined) return [`it needs ${name}, which there is not.`]
  if (!conditions.includes(condition)) return [`${condition} is no condition.`]
  const isChecked = at(service, 'healthcheck', 'test') !== undefined
  return condition === 'service_healthy' && !isChecked
    ? [`it waits for ${name} to be healthy, which nobody finds out.`]
    : []
}

export const entriesOf = (value: unknown): readonly (readonly [string, unknown])[] =>
  typeof value === 'object' && value !== null ? Object.entries(value) : []

const textsOf = (value: unknown): readonly string[] =>
  typeof value === 'string' ? [value] : entriesOf(value).flatMap(([, part]) => textsOf(part))
