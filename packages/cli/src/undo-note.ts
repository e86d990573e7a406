// The engine's note on how to take an action back, with the commands in it made ready to be copied.
import { withCopyable, type CommandNeeds } from './invocation.ts'

/** For one task: its id stands behind each command. */
export const undoOfTask = (note: string, taskId: string, needs: CommandNeeds): string =>
  withCopyable(
    note.replaceAll(/`tasker task [a-z-]+/g, (command) => `${command} ${taskId}`),
    needs,
  )

/** For many: what was held together is resumed together. */
export const undoOfTasks = (note: string, needs: CommandNeeds): string =>
  withCopyable(note.replaceAll(/`tasker task (hold|resume)`/g, '`tasker tasks $1`'), needs)
