// `tasker namespace …`: which namespaces there are, and holding one so that none of its steps start.
import type { NamespaceRow } from '@tasker/engine'
import { signatureOf, type SignatureOptions } from '../action-options.ts'
import { formatTable, type Column } from '../columns.ts'
import type { ExitCode } from '../failure.ts'
import { commandLine } from '../invocation.ts'
import type { CommandContext } from '../program.ts'
import { withTasker } from '../with-tasker.ts'
import { formatTime } from '../wording.ts'

export async function namespaceList(command: CommandContext): Promise<ExitCode> {
  const { terminal } = command
  return withTasker(command, async (tasker) => {
    const namespaces = await tasker.namespaces.list()
    terminal.document({ namespaces })
    if (terminal.isJson) return 0
    const { paint, width } = terminal
    const columns: readonly Column<NamespaceRow>[] = [
      { title: 'Namespace', text: ({ name }) => name },
      {
        title: 'Held',
        text: heldWords,
        paint: paint.yellow,
      },
      { title: 'Description', text: ({ description }) => description },
    ]
    terminal.print(
      namespaces.length === 0
        ? 'No namespaces: no definition is stored yet.'
        : formatTable(namespaces, columns, { width, paintTitle: paint.dim }),
    )
    return 0
  })
}

function heldWords({ heldAt, heldBy, heldReason }: NamespaceRow): string {
  return heldAt === null
    ? ''
    : `since ${formatTime(heldAt)} by ${heldBy ?? '?'}: ${heldReason ?? ''}`
}

export const namespaceHold = (
  command: CommandContext,
  name: string,
  options: SignatureOptions,
): Promise<ExitCode> => set(command, { name, isHeld: true }, options)

export const namespaceResume = (
  command: CommandContext,
  name: string,
  options: SignatureOptions,
): Promise<ExitCode> => set(command, { name, isHeld: false }, options)

async function set(
  command: CommandContext,
  { name, isHeld }: { readonly name: string; readonly isHeld: boolean },
  options: SignatureOptions,
): Promise<ExitCode> {
  const { terminal } = command
  return withTasker(command, async (tasker, settings) => {
    const { namespaces } = tasker
    const signature = signatureOf(options)
    const isChanged = isHeld
      ? await namespaces.hold(name, signature)
      : await namespaces.resume(name, signature)
    terminal.document({ namespace: name, isHeld, isChanged })
    if (terminal.isJson) return 0
    if (!isChanged) {
      const state = isHeld ? 'held' : 'not held'
      terminal.print(`Namespace ${name} was ${state} already; nothing was changed.`)
      return 0
    }
    const back = commandLine(['namespace', isHeld ? 'resume' : 'hold', name], {
      options: command.options,
      settings,
    })
    terminal.print(
      isHeld
        ? `Namespace ${name} is held: none of its steps start, in any worker; what runs goes on.`
        : `Namespace ${name} is no longer held.`,
    )
    terminal.print(`Undo:  ${back}`)
    return 0
  })
}
