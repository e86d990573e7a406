// Group commit for handlers that run one by one: what they ask for in the same turn of the event loop, or while a call is
// under way, goes into one call.

/** @param call must do the work of all, or throw for all. */
export function gather<Item>(
  call: (items: readonly Item[]) => Promise<void>,
  maxCalls: number,
): (item: Item) => Promise<void> {
  let items: Item[] = []
  let gathered = Promise.withResolvers<void>()
  let running = 0
  let isArmed = false

  const arm = (): void => {
    if (isArmed || running >= maxCalls || items.length === 0) return
    isArmed = true
    setImmediate(start)
  }
  const start = (): void => {
    const [taken, settled] = [items, gathered]
    items = []
    gathered = Promise.withResolvers()
    isArmed = false
    running += 1
    void call(taken)
      .then(settled.resolve, settled.reject)
      .finally(() => {
        running -= 1
        arm()
      })
  }
  return (item) => {
    items.push(item)
    arm()
    return gathered.promise
  }
}
