import { describe, expect, it } from 'vitest'
import { loadFromText, refusalOf } from './load-from-text.ts'

const file = 'orchestrator.yaml'
const yaml = (custom: string, settings: string) =>
  `agents:\n  custom:\n    a: ${custom}\n  settings:\n    a: ${settings}\n`

/** Of a custom agent: `{model}` and the model must find each other, in every role that it may take. */
describe('the model of a custom agent', () => {
  it.each<[string, string, string]>([
    ['for both roles', '{command: [a, "{model}"], review: true}', '{model: big}'],
    ['per role', '{command: [a, "-m={model}"], review: true}', '{implementation: {model: x}, review: {model: y}}'],
    ['for the one role it has', '{command: [a, "{model}"]}', '{implementation: {model: x}}'],
    [
      'for the one role it may take',
      '{command: [a, "{model}"], review: true}',
      '{roles: [review], review: {model: x}}',
    ],
    [
      'in the command of reviews alone',
      '{command: [a], review: true, review_command: [a, "{model}"]}',
      '{review: {model: x}}',
    ],
    ['in arguments of the settings', '{command: [a]}', '{model: x, args: [-m, "{model}"]}'],
    ['in arguments of a role', '{command: [a]}', '{model: x, implementation: {args: [-m, "{model}"]}}'],
    ['for one role of two', '{command: [a, "{model}"], review: true, review_command: [a]}', '{model: x}'],
    ['none anywhere', '{command: [a], review: true}', '{env: {A: b}}'],
  ])('%s', async (_, custom, settings) => {
    expect((await loadFromText(yaml(custom, settings))).agents.custom).toHaveProperty('a')
  })

  it.each<[string, string, ...string[]]>([
    [
      '{command: [a, "{model}"], review: true}',
      '{review: {model: x}}',
      `${file}:3: agents.custom.a.command: has {model} for the implementation, and agents.settings.a configures no model for it`,
    ],
    [
      '{command: [a], review: true, review_command: [a, "{model}"]}',
      '{}',
      `${file}:3: agents.custom.a.review_command: has {model} for the review, and agents.settings.a configures no model for it`,
    ],
    [
      '{command: [a]}',
      '{model: x}',
      `${file}:5: agents.settings.a.model: does nothing: no argument of the custom agent has {model}`,
    ],
    [
      '{command: [a, "{model}"], review: true, review_command: [a]}',
      '{model: x, review: {model: y}}',
      `${file}:5: agents.settings.a.review.model: does nothing: no argument of the custom agent has {model}`,
    ],
    [
      '{command: [sh, -c, "tool {model}"]}',
      '{model: x --yolo}',
      `${file}:5: agents.settings.a.model: makes the arguments contain --yolo, which the host refuses`,
    ],
    [
      '{command: [a, "--{model}"]}',
      '{implementation: {model: full-auto}}',
      `${file}:5: agents.settings.a.implementation.model: makes the arguments contain --full-auto, which the host refuses`,
    ],
    // a value that is wrong itself is all that is reported
    [
      '{command: [a, "{model}"]}',
      '{model: 3}',
      `${file}:5: agents.settings.a.model: expected text, found 3; put it in quotes`,
    ],
    ['{command: a}', '{model: x}', `${file}:3: agents.custom.a.command: expected a list, found "a"`],
  ])('%s with %s is refused', async (custom, settings, ...expected) => {
    expect(await refusalOf(loadFromText(yaml(custom, settings)))).toEqual(expected)
  })

  it('is needed without any settings, too', async () => {
    const lines = await refusalOf(loadFromText('agents: {custom: {a: {command: [a, "{model}"]}}}'))
    expect(lines).toEqual([
      `${file}:1: agents.custom.a.command: has {model} for the implementation, and agents.settings.a configures no model for it`,
    ])
  })
})
