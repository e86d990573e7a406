// The way to the packages of stores: optional, and loaded only where such a store is asked for.
import { TaskerError } from '../errors.ts'

/** @throws {TaskerError} CACHE_MISCONFIGURED when it is not installed */
export async function loadStorePackage<Module>(
  name: string,
  load: () => Promise<Module>,
): Promise<Module> {
  try {
    return await load()
  } catch (error) {
    const isMissing =
      error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND'
    if (!isMissing || !error.message.includes(name)) throw error
    const message = `The cache store needs the package ${name}, which is not installed.`
    throw new TaskerError('CACHE_MISCONFIGURED', message, { package: name }, error)
  }
}
