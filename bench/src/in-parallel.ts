// Many calls, few at a time: how subjects create and wait for tasks that they cannot hand over in one call.

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
