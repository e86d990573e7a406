// Holds a payload against the schema of the catalogue, in the form it has as JSON.
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { eventCatalogue } from '../../src/events/described-events.ts'

/** What is wrong with it; none when it is as described. Names of custom events have the schema of `custom`. */
export function payloadFaults(name: string, payload: unknown): readonly string[] {
  const { payloadSchema } = eventCatalogue.find(name) ?? eventCatalogue.find('custom') ?? {}
  if (payloadSchema === undefined) return ['the catalogue has no such event']
  const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true })
  formats.default(ajv)
  const asJson: unknown = JSON.parse(JSON.stringify(payload))
  if (ajv.validate(payloadSchema, asJson)) return []
  return (ajv.errors ?? []).map(({ instancePath, message }) => `${name} ${instancePath} ${message}`)
}
