// Which text a scraper wants, by its header `accept`. Only the two that scrapers read are chosen by it: everything else is
// asked for by name, since browsers and clients accept whatever there is.

/** Null: neither is named, so the caller asks for none. */
export function formatAccepted(accept: string): Accepted['format'] | null {
  const accepted = accept
    .split(',')
    .flatMap((range, index) => readRange(range, index))
    .sort((a, b) => b.quality - a.quality || a.index - b.index)
  return accepted[0]?.format ?? null
}

interface Accepted {
  readonly format: 'prometheus' | 'openmetrics'
  readonly quality: number
  readonly index: number
}

function readRange(range: string, index: number): readonly Accepted[] {
  const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
  const given = new Map(
    parameters.map((parameter) => {
      const [name = '', value = ''] = parameter.split('=').map((part) => part.trim())
      return [name, value.replaceAll('"', '')]
    }),
  )
  const format = formatOf(type, given.get('version'))
  const quality = Number(given.get('q') ?? 1)
  return format === null || !(quality > 0) ? [] : [{ format, quality, index }]
}

/** Other versions than those that are written are not taken for them. */
function formatOf(type: string, version: string | undefined): Accepted['format'] | null {
  if (type === 'application/openmetrics-text')
    return version === undefined || version.startsWith('1.') ? 'openmetrics' : null
  if (type === 'text/plain')
    return version === undefined || version === '0.0.4' ? 'prometheus' : null
  return null
}
