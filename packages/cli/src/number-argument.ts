// A number on the command line, within bounds.
import { InvalidArgumentError } from 'commander'

/** An argument parser for an option of commander. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= min && value <= max) return value
    throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`)
  }
}

/** 0 or more, with or without a fraction. */
export function factor(text: string): number {
  const value = Number(text)
  if (/^\d+(\.\d+)?$|^\.\d+$/.test(text) && Number.isFinite(value)) return value
  throw new InvalidArgumentError('Expected a number, 0 or more.')
}
