// The server's settings: small, private, and with nothing given up of what a commit promises.
// Passed on the command line, so that no file in the data folder can say otherwise.

import type { CheckedOptions } from './options.ts'
import { socketPort } from './layout.ts'

export function serverSettings(
  options: Pick<CheckedOptions, 'durability' | 'settings'>,
  socketFolder: string,
): Readonly<Record<string, string>> {
  return {
    // A few thousand tasks fit into the default 128 MB many times over, and a laptop has other
    // work. 32 MB keeps the whole cluster near 40 MB of memory; what is larger is served from the
    // system's page cache.
    shared_buffers: '32MB',
    // An engine takes about ten connections per process; this leaves room for several and for psql.
    max_connections: '100',
    // Statements here are short; compiling them costs more than it saves, and some builds have no
    // compiler.
    jit: 'off',
    // Answers and the log read the same on every machine.
    timezone: 'UTC',
    log_timezone: 'UTC',
    // A checkpoint every few minutes is the normal case and would be most of the log.
    log_checkpoints: 'off',
    ...options.settings,
    ...(options.durability === 'safe' ? durable : fastForTests),
    listen_addresses: '',
    port: String(socketPort),
    unix_socket_directories: quoteListItem(socketFolder),
    unix_socket_permissions: '0700',
  }
}

const durable = { fsync: 'on', full_page_writes: 'on', synchronous_commit: 'on' }

const fastForTests = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' }

/** The setting is a list separated by commas; a folder's name may hold one. */
function quoteListItem(text: string): string {
  return `"${text.replaceAll('"', '""')}"`
}
