import type { Frame } from '../../core/prompt/prompt.ts'

/** The WP file between the two halves of the prompt, byte for byte. */
export function framed(frame: Frame, file: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(frame.before), file, Buffer.from(frame.after)])
}
