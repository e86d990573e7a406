// A file and one of its environment blocks become one map: maps merge, lists and scalars replace, step templates merge
// by name, and a step that only the block has is added. Remembers where each step came from, for messages. Pure.
import type { Json, JsonObject } from '../json.ts'
import { isJsonObject, mergeJson } from './json-value.ts'
import { listIn, mapIn, type DataPath, type Position, type YamlSource } from './yaml-source.ts'

export interface MergedFile {
  readonly data: JsonObject
  /** Where a path of `data` stands in the file: in the environment's block if it is there, else in the base. */
  locate(path: DataPath): Position
}

/** Merges the block of `environment`; null, or a name without a block, gives the base alone. */
export function mergeEnvironment(source: YamlSource, environment: string | null): MergedFile {
  const { environments, ...base } = source.data
  const blocks = mapIn(environments)
  const block =
    environment !== null && Object.hasOwn(blocks, environment) ? mapIn(blocks[environment]) : {}
  const baseSteps = listIn(base['step_templates'])
  const blockSteps = listIn(block['step_templates'])
  const steps = mergeSteps(baseSteps, blockSteps)
  const merged = mergeJson(base, block)
  const data = steps.length === 0 ? merged : { ...merged, step_templates: steps }
  return {
    data,
    locate: (path) => {
      const prefix = environment === null ? [] : ['environments', environment]
      const places = [
        [...prefix, ...pathIn(path, steps, blockSteps)],
        // The merge keeps the positions of the base and adds the block's own steps behind them.
        isBeyond(path, baseSteps.length) ? ['step_templates'] : path,
      ]
      return locateNearest(source, environment === null ? places.slice(1) : places)
    },
  }
}

function mergeSteps(base: readonly Json[], block: readonly Json[]): readonly Json[] {
  const merged: Json[] = [...base]
  for (const over of block) {
    const index = indexByName(merged, over)
    const below = index === -1 ? undefined : merged[index]
    if (below === undefined || !isJsonObject(below) || !isJsonObject(over)) merged.push(over)
    else merged[index] = mergeJson(below, over)
  }
  return merged
}

/** The same path in the environment's list: only the position of the step differs. */
function pathIn(path: DataPath, merged: readonly Json[], list: readonly Json[]): DataPath {
  const [key, index, ...rest] = path
  if (key !== 'step_templates' || typeof index !== 'number') return path
  const step = merged[index]
  const position = step === undefined ? -1 : indexByName(list, step)
  return position === -1 ? ['step_templates', 'absent'] : ['step_templates', position, ...rest]
}

function isBeyond(path: DataPath, length: number): boolean {
  const [key, index] = path
  return key === 'step_templates' && typeof index === 'number' && index >= length
}

function indexByName(list: readonly Json[], step: Json): number {
  const name = mapIn(step)['name']
  if (name === undefined) return -1
  return list.findIndex((candidate) => mapIn(candidate)['name'] === name)
}

/** The full path where it is written; otherwise the nearest enclosing key that is. */
function locateNearest(source: YamlSource, places: readonly DataPath[]): Position {
  for (const place of places) {
    const position = source.locate(place)
    if (position !== null) return position
  }
  const shorter = places.filter((place) => place.length > 0).map((place) => place.slice(0, -1))
  return shorter.length === 0 ? { line: 1, column: 1 } : locateNearest(source, shorter)
}
