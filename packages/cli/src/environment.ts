// The one place of the command line that reads the environment and the streams of the process. What
// follows from them is decided elsewhere, from these values.
export type Environment = Readonly<Record<string, string | undefined>>

export function environment(): Environment {
  return { ...process.env }
}
