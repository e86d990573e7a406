// The forms of a line, made of the object that it stands for.
import type { Json, JsonObject } from '../../json.ts'

export type LineForm = 'json' | 'pretty_json' | 'logfmt' | 'text' | 'terminal'

const forms: Readonly<Record<Exclude<LineForm, 'json'>, (line: JsonObject) => string>> = {
  pretty_json: (line) => JSON.stringify(line, null, 2),
  logfmt: (line) =>
    Object.entries(line)
      .map(([key, value]) => `${keyOf(key)}=${valueOf(value)}`)
      .join(' '),
  text: (line) => [...openingOf(line, textOf(line['timestamp'])), ...exceptionOf(line)].join(' '),
  terminal: (line) => {
    const time = textOf(line['timestamp']).slice(11, 23)
    const rest = Object.entries(line).filter(([key]) => !known.has(key))
    return [
      ...openingOf(line, time),
      ...rest.map(([key, value]) => `${keyOf(key)}=${shortOf(value)}`),
    ].join(' ')
  },
}

/** What JSON leaves as it is and a terminal may obey: codes beyond ASCII, and marks that turn the order of letters. */
const visible = (line: string): string =>
  line.replaceAll(
    /[\u007f-\u009f\u2028\u2029\p{Bidi_Control}]/gu,
    (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

export const lineForms: Readonly<Record<LineForm, (line: JsonObject) => string>> = {
  json: (line) => JSON.stringify(line),
  pretty_json: (line) => visible(forms.pretty_json(line)),
  logfmt: (line) => visible(forms.logfmt(line)),
  text: (line) => visible(forms.text(line)),
  terminal: (line) => visible(forms.terminal(line)),
}

/** Said by the line's opening or by other fields, or the same in all lines of a process. */
const known: ReadonlySet<string> = new Set([
  'level',
  'timestamp',
  'component',
  'message',
  'environment',
  'tasker_version',
  'process_id',
  'worker_id',
  'event',
  'event_type',
  'event_id',
  'entity_type',
  'entity_id',
  'entity_name',
  'step_id',
  'claim_no',
  'created_at',
  'started_at',
])

const openingOf = (
  { level, component, message }: JsonObject,
  time: string,
): readonly [string, ...string[]] => [
  time,
  textOf(level).toUpperCase().padEnd(5),
  `${textOf(component)}:`,
  textOf(message),
]

const exceptionOf = ({
  exception_class: name,
  exception_message: message,
}: JsonObject): readonly string[] =>
  name === undefined ? [] : [`(${textOf(name)}: ${textOf(message)})`]

/** On one line, as JSON would have it. */
const textOf = (value: Json | undefined): string =>
  JSON.stringify(typeof value === 'string' ? value : '')
    .slice(1, -1)
    .replaceAll('\\"', '"')

/** What would end a key is an underscore. */
const keyOf = (key: string): string => key.replaceAll(/[\s="\p{Cc}]/gu, '_') || '_'

/** Texts in quotes, and all else that is no number, yes or no as the JSON that it is, in quotes. */
const valueOf = (value: Json): string => {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'object' && value !== null) return JSON.stringify(JSON.stringify(value))
  return String(value)
}

const shortOf = (value: Json): string =>
  typeof value === 'string' && /^[\w./:@+-]+$/.test(value) ? value : JSON.stringify(value)
