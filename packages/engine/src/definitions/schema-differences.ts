// Whether a context that one JSON Schema accepts is still accepted by another, difference by difference. What cannot be
// judged counts as incompatible, and says so. Pure.
import type { Json, JsonObject } from '../json.ts'
import { canonicalJson } from './digest.ts'
import type { Difference } from './difference.ts'
import { isJsonObject } from './json-value.ts'

/** Say nothing about what is allowed. A default does, where it stands for a required property: see `mandatory`. */
const annotations = [
  '$schema',
  '$comment',
  'title',
  'description',
  'examples',
  'default',
  'deprecated',
  'readOnly',
  'writeOnly',
]

/** Limits: a larger value of the first allows less, of the second more. */
const leastLimits = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties']
const mostLimits = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties']

interface Pair {
  /** `contextSchema/order/lines` */
  readonly path: string
  readonly from: JsonObject
  readonly to: JsonObject
}

export function schemaDifferences(
  path: string,
  from: JsonObject,
  to: JsonObject,
): readonly Difference[] {
  const keys = new Set([...Object.keys(from), ...Object.keys(to)])
  const isJudgedTogether = (key: string): boolean =>
    ['properties', 'required', 'additionalProperties'].includes(key)
  const changed = [...keys].filter(
    (key) =>
      !annotations.includes(key) &&
      !key.startsWith('x-') &&
      !isJudgedTogether(key) &&
      !isSame(from[key], to[key]),
  )
  return [
    ...objectDifferences({ path, from, to }),
    ...changed.flatMap((key) => keywordDifferences(key, { path, from, to })),
  ]
}

function objectDifferences(pair: Pair): readonly Difference[] {
  const [before, after] = [propertiesOf(pair.from), propertiesOf(pair.to)]
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  const [mandatoryBefore, mandatoryAfter] = [mandatory(pair.from), mandatory(pair.to)]
  return [
    ...names.flatMap((name) => propertyDifferences(name, pair)),
    ...[...mandatoryAfter]
      .filter((name) => !mandatoryBefore.has(name))
      .map((name) =>
        difference(`${pair.path}/${name}`, 'optional', 'required', {
          isCompatible: false,
          why: 'Requests that leave it out are refused now.',
        }),
      ),
    ...[...mandatoryBefore]
      .filter((name) => !mandatoryAfter.has(name))
      .map((name) =>
        difference(`${pair.path}/${name}`, 'required', 'optional', {
          isCompatible: true,
          why: 'Requests that bring it are accepted as before.',
        }),
      ),
    ...extraDifferences(pair),
  ]
}

/** Required, and not filled in from a default. */
function mandatory(schema: JsonObject): ReadonlySet<string> {
  const { required } = schema
  const names = Array.isArray(required) ? required.map(String) : []
  const properties = propertiesOf(schema)
  return new Set(
    names.filter((name) => {
      const property = properties[name]
      return property === undefined || !isJsonObject(property) || !('default' in property)
    }),
  )
}

function propertyDifferences(name: string, { path, from, to }: Pair): readonly Difference[] {
  const [before, after] = [propertiesOf(from)[name], propertiesOf(to)[name]]
  const at = `${path}/${name}`
  if (before === undefined) {
    const verdict = {
      isCompatible: true,
      why: 'A property that requests did not have to bring is described.',
    }
    return [difference(at, null, 'described', verdict)]
  }
  if (after === undefined) {
    const isClosed = to['additionalProperties'] === false
    const why = isClosed
      ? 'Requests that bring it are refused now.'
      : 'It may still be brought; it is no longer checked.'
    return [difference(at, 'described', null, { isCompatible: !isClosed, why })]
  }
  if (isSame(before, after)) return []
  if (isJsonObject(before) && isJsonObject(after)) return schemaDifferences(at, before, after)
  return [unjudged(at, before, after)]
}

function extraDifferences({ path, from, to }: Pair): readonly Difference[] {
  const [before, after] = [from['additionalProperties'] ?? true, to['additionalProperties'] ?? true]
  if (isSame(before, after)) return []
  const at = `${path}/additionalProperties`
  if (after === true)
    return [
      difference(at, before, after, { isCompatible: true, why: 'Other properties are accepted.' }),
    ]
  if (after === false)
    return [
      difference(at, before, after, {
        isCompatible: false,
        why: 'Requests with other properties are refused now.',
      }),
    ]
  return [unjudged(at, before, after)]
}

function keywordDifferences(key: string, { path, from, to }: Pair): readonly Difference[] {
  const [before, after] = [from[key], to[key]]
  const at = `${path}/${key}`
  const judged = (isCompatible: boolean): readonly Difference[] => [
    difference(at, before ?? null, after ?? null, {
      isCompatible,
      why: isCompatible
        ? 'What was accepted is accepted still.'
        : 'Some of what was accepted is refused now.',
    }),
  ]
  // Without the keyword everything is accepted.
  if (after === undefined) return judged(true)
  if (key === 'type') return judged(includesTypes(after, before))
  if (key === 'enum' && Array.isArray(after)) return judged(includesAll(after, before))
  if (typeof after === 'number' && (before === undefined || typeof before === 'number')) {
    if (leastLimits.includes(key)) return judged(before !== undefined && after <= before)
    if (mostLimits.includes(key)) return judged(before !== undefined && after >= before)
  }
  if (key === 'items' && before !== undefined && isJsonObject(before) && isJsonObject(after))
    return schemaDifferences(at, before, after)
  return [unjudged(at, before ?? null, after)]
}

function includesTypes(after: Json, before: Json | undefined): boolean {
  if (before === undefined) return false
  const [allowed, wanted] = [listOf(after), listOf(before)]
  return wanted.every(
    (type) => allowed.includes(type) || (type === 'integer' && allowed.includes('number')),
  )
}

function includesAll(after: readonly Json[], before: Json | undefined): boolean {
  const allowed = new Set(after.map((value) => canonicalJson(value)))
  return Array.isArray(before) && before.every((value: Json) => allowed.has(canonicalJson(value)))
}

const listOf = (value: Json): readonly Json[] =>
  Array.isArray(value) ? value.map((one: Json) => one) : [value]

function propertiesOf(schema: JsonObject): JsonObject {
  const { properties } = schema
  return properties !== undefined && isJsonObject(properties) ? properties : {}
}

const isSame = (a: Json | undefined, b: Json | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && canonicalJson(a) === canonicalJson(b))

function unjudged(what: string, from: Json, to: Json): Difference {
  const why = 'It cannot be told whether all that was accepted is accepted still.'
  return difference(what, from, to, { isCompatible: false, why })
}

function difference(
  what: string,
  from: Json,
  to: Json,
  verdict: Pick<Difference, 'isCompatible' | 'why'>,
): Difference {
  return { kind: 'setting_changed', step: null, what, from, to, ...verdict }
}
