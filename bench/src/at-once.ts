// Bounds for subjects that have no limit of their own: how many tasks run at once, and running so many at a time.
import { fanOutWidth, type ShapeName } from './subject.ts'

/** Steps of one task that may run at once. */
const widest: Readonly<Record<ShapeName, number>> = {
  linear: 1,
  diamond: 2,
  'fan-out': fanOutWidth,
  'one-step': 1,
}

/** So many tasks that no more steps run at once than there are slots; at least one. */
export const tasksAtOnce = (shape: ShapeName, slots: number): number =>
  Math.max(1, Math.floor(slots / widest[shape]))

/** Calls `body` so many times, never more than `atOnce` at a time; resolves when all have ended. */
export async function inParallel(
  count: number,
  atOnce: number,
  body: () => Promise<unknown>,
): Promise<void> {
  let left = count
  const lane = async (): Promise<void> => {
    while (left > 0) {
      left -= 1
      await body()
    }
  }
  await Promise.all(Array.from({ length: Math.min(count, atOnce) }, lane))
}
