// The frames of a stack that help who wrote the handler: the application's first, then those of packages; without Node's
// own and, unless asked, ours. Paths are relative to the working directory. Pure but for that directory.
import { dirname, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const frameMax = 300
/** Where somebody has raised `Error.stackTraceLimit`, or has written a stack by hand. */
const stackMax = 100_000
const linesMax = 200

/** packages/engine/src, or the folder of its built files. */
const ownFolder = dirname(dirname(fileURLToPath(import.meta.url))) + sep

export interface FrameOptions {
  /** Of the error: it stands before the frames, and may look like one. */
  readonly message: string
  readonly keepsOwnFrames: boolean
}

/** `charge (src/payments/charge.ts:12:9)`, each of at most 300 characters. */
export function applicationFrames(stack: string, options: FrameOptions): readonly string[] {
  const folder = workingDirectory()
  const application: string[] = []
  const packages: string[] = []
  for (const line of linesOf(stack, options.message)) {
    const frame = readFrame(line)
    if (frame === null || frame.path.startsWith('node:')) continue
    if (!options.keepsOwnFrames && frame.path.startsWith(ownFolder)) continue
    const { name, path, place } = frame
    const shown = `${shortPath(path, folder)}${place}`
    const list = path.includes(`${sep}node_modules${sep}`) ? packages : application
    list.push((name === '' ? shown : `${name} (${shown})`).slice(0, frameMax))
  }
  return [...application, ...packages]
}

function linesOf(stack: string, message: string): readonly string[] {
  const text = stack.slice(0, stackMax)
  const at = message === '' ? -1 : text.indexOf(message)
  return text.slice(at < 0 ? 0 : at + message.length).split('\n', linesMax)
}

interface Frame {
  /** Empty: code outside any function. */
  readonly name: string
  /** Absolute, or `node:…`. */
  readonly path: string
  /** `:12:9` */
  readonly place: string
}

/** `    at async Charge.process (file:///app/charge.ts:12:9)`; null: no frame, or code without a file. */
function readFrame(line: string): Frame | null {
  const text = line.trim()
  if (!text.startsWith('at ') || text.length > 4 * frameMax) return null
  const place = /:\d+:\d+(?=\)?$)/.exec(text)?.[0]
  if (place === undefined) return null
  const whole = text.slice('at '.length).replace(/^async /, '')
  const open = whole.endsWith(')') ? whole.lastIndexOf(' (') : -1
  const name = open < 0 ? '' : whole.slice(0, open)
  const end = whole.length - place.length - (open < 0 ? 0 : 1)
  const path = pathOf(whole.slice(open < 0 ? 0 : open + 2, end))
  return path === null ? null : { name, path, place }
}

function pathOf(location: string): string | null {
  if (location.startsWith('node:')) return location
  if (location === '' || location.includes('<anonymous>')) return null
  if (!location.startsWith('file:')) return location
  try {
    return fileURLToPath(location)
  } catch {
    return location
  }
}

function shortPath(path: string, folder: string): string {
  const modules = path.lastIndexOf(`${sep}node_modules${sep}`)
  if (modules >= 0) return path.slice(modules + 1)
  const isBelow = folder !== '' && path.startsWith(folder + sep)
  return isBelow ? relative(folder, path) : path
}

function workingDirectory(): string {
  try {
    return process.cwd()
  } catch {
    return '' // it was removed
  }
}
