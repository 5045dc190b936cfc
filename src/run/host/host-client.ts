import type { MarkedSubtasks } from './answers.ts'
import { type HostCommand, hostCommands } from './commands.ts'
import type { HostOutcome } from './host-outcome.ts'
import type { HostInput, MarkSubtasksInput } from './input.ts'

type Table = typeof hostCommands
type CommandName = keyof Table

type Inputs = { readonly [Name in CommandName]: Table[Name] extends HostCommand<infer Input, unknown> ? Input : never }
type Answers = { readonly [Name in CommandName]: Table[Name] extends HostCommand<never, infer Data> ? Data : never }
type Commands<In, Out extends Record<keyof In, unknown>> = {
  readonly [Name in keyof In]: HostCommand<In[Name], Out[Name]>
}
type Methods<In, Out extends Record<keyof In, unknown>> = {
  [Name in keyof In]: (input: In[Name]) => Promise<HostOutcome<Out[Name]>>
}

/** `spec-kitty orchestrator-api`, one method per entry of the table; the actor is one constant for all of them. */
export interface HostClient extends Readonly<Methods<Inputs, Answers>> {
  /** `spec-kitty agent tasks mark-status`: outside orchestrator-api, the only way to satisfy the subtask guard. */
  readonly markSubtasks: (input: MarkSubtasksInput) => Promise<HostOutcome<MarkedSubtasks>>
}

type Call = <Input extends HostInput, Data>(
  command: HostCommand<Input, Data>,
  input: Input,
) => Promise<HostOutcome<Data>>

export interface HostCalls extends Pick<HostClient, 'markSubtasks'> {
  /** Makes one call of the table. */
  readonly call: Call
}

export function hostClient({ call, markSubtasks }: HostCalls): HostClient {
  return { ...methodsOf<Inputs, Answers>(hostCommands, call), markSubtasks }
}

function methodsOf<In extends Record<keyof In, HostInput>, Out extends Record<keyof In, unknown>>(
  commands: Commands<In, Out>,
  call: Call,
): Methods<In, Out> {
  const methods: Partial<Methods<In, Out>> = {}
  for (const name in commands) methods[name] = input => call(commands[name], input)
  if (!isComplete<Methods<In, Out>>(methods, commands)) throw new Error('a command has no method')
  return methods
}

function isComplete<T>(part: Partial<T>, names: Record<keyof T, unknown>): part is T {
  for (const name in names) if (part[name] === undefined) return false
  return true
}
