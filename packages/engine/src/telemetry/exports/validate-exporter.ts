// Whether something is an exporter: every fault of it is named, since whoever wrote it sees them all at once.
import type { Exporter } from './exporter.ts'

const nameForm = /^[A-Za-z][\w.-]{0,99}$/
const formatForm = /^[A-Za-z][\w.+-]{0,63}$/
const callbacks = ['onCacheSync', 'onExportRequest', 'onExportComplete'] as const

/** `StatsdExporter` as `statsd_exporter`. Null: it has no class of its own. */
export function classNameOf(exporter: object): string | null {
  const prototype: unknown = Object.getPrototypeOf(exporter)
  if (prototype === null || prototype === Object.prototype) return null
  return exporter.constructor.name || null
}

export const nameOf = (exporter: Exporter): string =>
  exporter.name ?? snakeCase(classNameOf(exporter) ?? '')

/** Lower case, each once. */
export const formatsOf = ({ formats }: Exporter): readonly string[] => [
  ...new Set(formats.map((format) => format.toLowerCase())),
]

/** Each a sentence. */
export function faultsOf(exporter: unknown): readonly string[] {
  if (typeof exporter !== 'object' || exporter === null) return ['An exporter is an object.']
  const given = new Map(fields.map((field) => [field, readField(exporter, field)]))
  const name = given.get('name')
  const className = classNameOf(exporter)
  return [
    ...(name === undefined && className === null
      ? ['`name` is missing, and it has no class to be named after.']
      : isName(name ?? snakeCase(className ?? ''))
        ? []
        : ['`name` is a letter, and then at most 99 letters, digits, `_`, `.` or `-`.']),
    ...(['version', 'description'] as const).flatMap((field) =>
      ['undefined', 'string'].includes(typeof given.get(field))
        ? []
        : [`\`${field}\` is a text, if it is there.`],
    ),
    ...faultsOfFormats(given.get('formats')),
    ...faultsOfMethod('export', given.get('export'), 2),
    ...callbacks.flatMap((field) =>
      given.get(field) === undefined ? [] : faultsOfMethod(field, given.get(field), 1),
    ),
  ]
}

const isName = (name: unknown): boolean => typeof name === 'string' && nameForm.test(name)

const fields = ['name', 'version', 'description', 'formats', 'export', ...callbacks] as const

// A getter of an exporter may throw; what cannot be read is a fault like any other.
function readField(exporter: object, field: (typeof fields)[number]): unknown {
  try {
    return Reflect.get(exporter, field)
  } catch {
    return null
  }
}

function faultsOfFormats(formats: unknown): readonly string[] {
  if (!Array.isArray(formats) || formats.length === 0)
    return ['`formats` is a list of at least one name.']
  return formats.every((format) => typeof format === 'string' && formatForm.test(format))
    ? []
    : ['Each of `formats` is a letter, and then at most 63 letters, digits, `_`, `.`, `+` or `-`.']
}

function faultsOfMethod(name: string, method: unknown, argumentsMax: number): readonly string[] {
  if (typeof method !== 'function') return [`\`${name}\` is a function.`]
  const most = argumentsMax === 1 ? 'one argument' : `${argumentsMax} arguments`
  return method.length > argumentsMax
    ? [`\`${name}\` is called with ${most}, and asks for ${method.length}.`]
    : []
}

const snakeCase = (name: string): string =>
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
