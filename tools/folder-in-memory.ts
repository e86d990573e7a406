// Where the files of tests may stand: in memory, where this machine has a folder there with enough room. A disk takes a
// third of a second of processor time for each of the several hundred databases that the tests make; memory some 30 ms.
import { readFileSync, statfsSync } from 'node:fs'

/** On Linux. In a container it may be tiny, or nothing in it may be run as a program. */
const folder = '/dev/shm'
/** All servers of one run together hold less than half of it. */
const roomMinBytes = 4 * 2 ** 30

/** For TMPDIR, and null where files stay on the disk. */
export function folderInMemory(): string | null {
  try {
    const [, , kind, options = ''] = mountOf(readFileSync('/proc/mounts', 'utf8')) ?? []
    const { bavail, bsize } = statfsSync(folder)
    const bytes = Math.min(bavail * bsize, process.availableMemory())
    const runsPrograms = !options.split(',').some((option) => ['ro', 'noexec'].includes(option))
    return kind === 'tmpfs' && runsPrograms && bytes >= roomMinBytes ? folder : null
  } catch {
    return null // another system
  }
}

const mountOf = (mounts: string): readonly string[] | undefined =>
  mounts
    .split('\n')
    .map((line) => line.split(' '))
    .findLast(([, at]) => at === folder)
