/** With which model and program an attempt ran. The texts come from CLIs and configuration; they are short and harmless. */
export interface ModelUse {
  /** The model that was asked for; absent: none, so the CLI used its default. */
  readonly configuredModel?: string
  /** The main model that answered, as the CLI stated it; absent: it did not. */
  readonly model?: string
  /** Other models that also answered, such as a small helper model; absent: none. */
  readonly otherModels?: readonly string[]
  /** The version of the CLI; absent: not known. */
  readonly cliVersion?: string
}

/** Only these members, for what an attempt hands on to its verdict and to events. */
export function modelUseOf({ configuredModel, model, otherModels, cliVersion }: ModelUse): ModelUse {
  return {
    ...(configuredModel === undefined ? {} : { configuredModel }),
    ...(model === undefined ? {} : { model }),
    ...(otherModels === undefined ? {} : { otherModels }),
    ...(cliVersion === undefined ? {} : { cliVersion }),
  }
}

/** Of what a CLI stated. */
export function modelUse(stated: {
  readonly model: string | null
  readonly otherModels: readonly string[]
  readonly cliVersion: string | null
}): ModelUse {
  const { model, otherModels, cliVersion } = stated
  return {
    ...(model === null ? {} : { model }),
    ...(otherModels.length === 0 ? {} : { otherModels }),
    ...(cliVersion === null ? {} : { cliVersion }),
  }
}
