import { listed } from '../../format.ts'
import { quote } from '../../text.ts'
import { type AnsweredDilution, type Dilution, dilutionKinds, dilutionWords } from './dilution.ts'

/** What the reviewer must answer before an approval counts. */
export interface Question {
  /** `Q1` */
  readonly id: string
  readonly about: readonly Dilution[]
}

/** Of what is kept of an answer. */
const longestAnswer = 500

/** With more, one question is about all dilutions of a kind. */
const mostQuestions = 20

export function questionsOf(dilutions: readonly Dilution[]): readonly Question[] {
  const groups =
    dilutions.length <= mostQuestions
      ? dilutions.map(dilution => [dilution])
      : dilutionKinds
          .map(kind => dilutions.filter(dilution => dilution.kind === kind))
          .filter(about => about.length > 0)
  return groups.map((about, index) => ({ id: `Q${index + 1}`, about }))
}

export interface Answer {
  /** The id of the question. */
  readonly question: string
  readonly answer: string
}

/** Why an approval does not count: the questions without an answer, in words. Null: it has them all. */
export function unanswered(questions: readonly Question[], answers: readonly Answer[]): string | null {
  const open = questions.filter(question => answerTo(question, answers) === '')
  if (open.length === 0) return null
  const [first] = open.flatMap(({ id, about }) => about.map(dilution => `${id}: ${dilutionWords(dilution)}`))
  return `approved without an answer to ${listed(open.map(({ id }) => id))}; ${first}`
}

/** The dilutions with what the reviewer said about each. */
export function answered(questions: readonly Question[], answers: readonly Answer[]): readonly AnsweredDilution[] {
  return questions.flatMap(question =>
    question.about.map(dilution => ({ ...dilution, answer: quote(answerTo(question, answers), longestAnswer) })),
  )
}

/** Empty when there is none: signs and blanks say nothing. */
function answerTo({ id }: Question, answers: readonly Answer[]): string {
  const given = answers.filter(({ question }) => question.trim().toUpperCase() === id)
  return given.find(({ answer }) => /[\p{L}\p{N}]/u.test(answer))?.answer ?? ''
}
