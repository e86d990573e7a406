// Peers that are not measured, and why. The report prints it.

export interface LeftOut {
  readonly name: string
  readonly why: string
}

export const leftOut: readonly LeftOut[] = [
  {
    name: 'Absurd',
    why:
      'absurd-sdk 0.5.0 on npm is the client alone (compiled code and a README, no SQL), and its tables and functions are ' +
      'installed by absurdctl, a Python tool that is not on npm: here is no schema to run it on.',
  },
]
