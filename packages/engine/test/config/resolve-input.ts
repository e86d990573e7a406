// Resolves a configuration apart from the environment of the test run, and lists its faults.
import { resolveConfig } from '../../src/config.ts'
import type { Config, ConfigInput, ResolvedConfig, TaskerOptionsInput } from '../../src/config.ts'
import { TaskerError } from '../../src/errors.ts'
import type { Fault } from '../../src/errors.ts'
import { expect } from 'vitest'

/** Resolves with nothing from the environment of the test run. */
export const resolve = (input: ConfigInput = {}): ResolvedConfig =>
  resolveConfig({ env: {}, ...input })

export const configOf = (input: ConfigInput = {}): Config => resolve(input).config

/** Settings as a program without types, or a file, would give them. */
export const untyped = (values: unknown): ConfigInput => ({
  // The point of these tests is what the types forbid.
  code: values as TaskerOptionsInput,
})

export function errorOf(input: ConfigInput): TaskerError {
  try {
    resolve(input)
  } catch (error) {
    if (error instanceof TaskerError) return error
    throw error
  }
  throw new Error('the configuration was accepted')
}

export function faultsOf(input: ConfigInput): readonly string[] {
  const error = errorOf(input)
  expect(error.code).toBe('CONFIG_INVALID')
  // True because resolveConfig alone makes this error, with its faults.
  const faults = error.details['faults'] as readonly Fault[]
  return faults.map((fault) => `${fault.path}: ${fault.message}`)
}

/** `{ a: { b: value } }` for `a.b`. */
export const nest = (key: string, value: unknown): unknown =>
  key.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), value)
