// A pure function of a text whose answers are kept: names of fields are few and come in every line. Bounded, because names
// may come from outside.

const answersMax = 10_000

export function remembered<Answer>(compute: (text: string) => Answer): (text: string) => Answer {
  const answers = new Map<string, Answer>()
  return (text) => {
    const known = answers.get(text)
    if (known !== undefined) return known
    const answer = compute(text)
    if (answers.size < answersMax) answers.set(text, answer)
    return answer
  }
}
