// Long texts take less room in a store, and less time on the way to it. What is compressed says so, and short texts stand in the
// store as they are: counters stay counters.
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { TaskerError } from '../errors.ts'
import type { CacheStore } from './cache-store.ts'
import { layered } from './layered-store.ts'

export interface CompressionOptions {
  /** Texts from this length in UTF-8 are compressed. */
  readonly minBytes: number
}

/** Longer texts stay as they are: what somebody else put into the store must not fill the memory. */
const unpackedBytesMax = 268_435_456

const mark = '~'
const compressedMark = `${mark}z`
/** Before a text that begins with a mark by itself. */
const plainMark = `${mark}t`

export const compressed = (store: CacheStore, { minBytes }: CompressionOptions): CacheStore =>
  layered(store, {
    capabilities: { compressionSupport: true },
    pack: (text) => pack(text, minBytes),
    unpack,
  })

async function pack(text: string, minBytes: number): Promise<string> {
  const plain = text.startsWith(mark) ? `${plainMark}${text}` : text
  const bytes = Buffer.byteLength(text)
  if (bytes < minBytes || bytes > unpackedBytesMax) return plain
  const packed = `${compressedMark}${(await promisify(gzip)(text)).toString('base64')}`
  return packed.length < Buffer.byteLength(plain) ? packed : plain
}

async function unpack(packed: string): Promise<string> {
  if (!packed.startsWith(mark)) return packed
  if (packed.startsWith(plainMark)) return packed.slice(plainMark.length)
  if (!packed.startsWith(compressedMark)) throw unreadable()
  try {
    const bytes = Buffer.from(packed.slice(compressedMark.length), 'base64')
    const unpacked = await promisify(gunzip)(bytes, { maxOutputLength: unpackedBytesMax })
    return unpacked.toString()
  } catch (error) {
    throw unreadable(error)
  }
}

const unreadable = (cause?: unknown): TaskerError =>
  new TaskerError(
    'CACHE_TEXT_UNREADABLE',
    'The cache store holds a text that begins as a compressed one and is none.',
    {},
    cause,
  )
