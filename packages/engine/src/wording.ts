// How durations, amounts, words of a shell and text of others are written for people, everywhere the same. Addresses are
// definitions/names.ts. Pure. Level 0: imports nothing of ours.

/** `<1 ms`, `84 ms`, `1.2 s`, `3 min 04 s`, `2 h 05 min`, `3 d 07 h`. What is below zero counts as none. */
export function formatDuration(durationMs: number): string {
  if (durationMs > 0 && durationMs < 1) return '<1 ms'
  const ms = Math.max(0, Math.round(durationMs))
  if (ms < 1_000) return `${ms} ms`
  if (ms < 59_950) return `${(ms / 1_000).toFixed(1)} s`
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0')
  const seconds = Math.round(ms / 1_000)
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 2_880) return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`
  return `${Math.floor(minutes / 1_440)} d ${two((minutes % 1_440) / 60)} h`
}

/** `1 step`, `10,000 steps`; `10,000 steps or more` where counting stopped at `countMax`. */
export function count(amount: number, word: string, countMax = Number.POSITIVE_INFINITY): string {
  const text = `${amount.toLocaleString('en')} ${word}${amount === 1 ? '' : 's'}`
  return amount >= countMax ? `${text} or more` : text
}

/** One word of a POSIX shell, whatever is in it. */
export function shellWord(text: string): string {
  // An equals sign in front would be expanded by zsh.
  return /^[\w@%+:,./-][\w@%+=:,./-]*$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

/**
 * One line: names, messages, reasons and results may hold line breaks, control characters that a terminal obeys, broken
 * Unicode, and marks that turn the direction of the text around them.
 */
export const plainText = (text: string): string => harmless(text).trim()

/** The same, line by line: line breaks and indents stay. */
export const plainLines = (text: string): string =>
  text
    .split('\n')
    .map((line) => harmless(line).trimEnd())
    .join('\n')

const harmless = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\u2028\u2029\uFFFE\uFFFF]+/gu, ' ')
    .replaceAll(/[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g, '')
