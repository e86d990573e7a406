// What starting does about the schema: brings it up to date, checks it, or leaves it alone.
import { checkSchema, migrate, type MigrateOptions } from './migrate.ts'

export async function prepareSchema({
  manner,
  ...target
}: MigrateOptions & { readonly manner: 'auto' | 'check' | 'off' }): Promise<void> {
  switch (manner) {
    case 'auto':
      await migrate(target)
      break
    case 'check':
      await checkSchema(target)
      break
    case 'off':
      break
  }
}
