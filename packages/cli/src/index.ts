// The public door of @tasker/cli: what a configuration file needs. The command itself is bin.ts.
export { defineConfig } from './config-module.ts'
export type { TaskerConfig } from './config-module.ts'
export { validationDefinitions } from './validation/workflows.ts'
