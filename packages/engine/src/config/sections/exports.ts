// Options of the group `telemetry.exports`: where metrics go by themselves, and when. Values that all targets share, and the
// target of Prometheus's own, are prometheus.ts.
import { z } from 'zod'
import { text, wholeNumber, yesOrNo, type Kind } from '../kinds.ts'
import { inCamelCase, option } from '../option.ts'

const url = z.string().regex(/^https?:\/\/[^\s/]\S*$/, 'expected an http:// or https:// URL')
const word = z
  .string()
  .regex(/^[a-z0-9_.-]+$/i, 'expected a word of letters, digits, "_", "." and "-"')
const filled = z.string().min(1, 'expected text')
const headers = z.record(z.string().min(1), z.string()).readonly().optional()

/** When, and what for the exporter. */
const anyTarget = {
  every: z
    .int('expected a whole number of seconds from 1 to 86400')
    .min(1, 'expected 1 second or more')
    .max(86_400, 'expected 86400 seconds or less')
    .optional(),
  threshold: z
    .int('expected a whole number of updates from 1')
    .min(1, 'expected 1 update or more')
    .optional(),
  options: z.record(z.string(), z.unknown()).readonly().optional(),
}
const overHttp = {
  url,
  username: filled.optional(),
  password: filled.optional(),
  headers,
}
const packed = z.literal('gzip', 'expected "gzip", or nothing').optional()

const target = z
  .discriminatedUnion(
    'to',
    [
      z.strictObject({
        ...anyTarget,
        to: z.literal('file'),
        format: word,
        path: filled.optional(),
      }),
      z.strictObject({
        ...anyTarget,
        ...overHttp,
        to: z.literal('http'),
        format: word,
        method: z.enum(['POST', 'PUT'], 'expected "POST" or "PUT"').optional(),
        compression: packed,
      }),
      z.strictObject({
        ...anyTarget,
        ...overHttp,
        to: z.literal('pushgateway'),
        job: filled.optional(),
        grouping: z
          .record(z.string().regex(/^[a-z_][a-z0-9_]*$/i), filled)
          .readonly()
          .optional(),
      }),
      z.strictObject({ ...anyTarget, ...overHttp, to: z.literal('remote_write') }),
      z.strictObject({
        ...anyTarget,
        ...overHttp,
        to: z.literal('otlp'),
        compression: packed,
      }),
      z.strictObject({
        ...anyTarget,
        to: z.literal('exporter'),
        exporter: filled,
        format: word,
      }),
    ],
    'expected `to` to be one of "file", "http", "pushgateway", "remote_write", "otlp", "exporter"',
  )
  .superRefine((given, context) => {
    if (given.every !== undefined && given.threshold !== undefined) {
      context.addIssue({
        code: 'custom',
        path: ['threshold'],
        message: 'expected none beside `every`',
      })
    }
    if (!('url' in given)) return
    if ((given.username === undefined) !== (given.password === undefined)) {
      const path = [given.username === undefined ? 'username' : 'password']
      context.addIssue({
        code: 'custom',
        path,
        message: 'expected both username and password, or neither',
      })
    }
  })

/** Where metrics go, in what format, and when. */
export type ExportTarget = Readonly<z.infer<typeof target>>

const names = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/i)

const targets: Kind<Readonly<Record<string, ExportTarget>>> = {
  // True because keys in snake_case are only spelled anew by the preprocessing.
  type: z.record(names, z.preprocess(inCamelCase, target)).readonly() as z.ZodType as z.ZodType<
    Readonly<Record<string, ExportTarget>>
  >,
  expects: 'a map of targets by name',
  entryExpects:
    'a target (a map with `to`) under a name of letters, digits, "_" and "-", at most 63 of them',
  range: null,
  parseText: parseJson,
}

export const exportsOptions = {
  enabled: option(yesOrNo(), {
    default: false,
    help:
      'Workers of this process export what is due. The schedule stands in the database: of several workers, whichever is free ' +
      'does it.',
    reason: 'New: nothing leaves a process unasked.',
  }),
  checkInterval: option(wholeNumber({ min: 1, max: 3_600 }), {
    default: 5,
    unit: 'seconds',
    help: 'Time between two looks for exports that are due; by so much one may be late.',
    reason: 'New: one question of one row.',
  }),
  storageRoot: option(text(), {
    default: 'tmp/metrics_exports',
    help: 'Folder of exported files, made if it is missing. Relative to the working directory.',
    reason: 'As in the first generation.',
  }),
  targets: option(targets, {
    default: {},
    help:
      'Where metrics go, by a name of yours. `to` says how: `file` (`format`, `path`), `http` (`format`, `url`, `method`, ' +
      '`compression`), `pushgateway` (`url`, `job`, `grouping`), `remote_write` (`url`), `otlp` (`url`, `compression`) or ' +
      '`exporter` (`exporter`, `format`). `every`: seconds between two exports; `threshold`: instead, after so many updates. With ' +
      '`url` also `username`, `password` and `headers`. `options` are the exporter’s.',
    reason: 'Only you know who wants them.',
    secret: 'parts',
  }),
}

/** What is not JSON stays text, so that the check can show it. */
function parseJson(given: string): unknown {
  try {
    return JSON.parse(given)
  } catch {
    return given
  }
}
