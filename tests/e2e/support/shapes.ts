/** Dependencies of WP01, WP02, ... by their numbers. */
export const shapes = {
  single: [[]],
  pair: [[], []],
  fork: [[], [1], [1]],
  chain3: [[], [1], [2]],
  wide4: [[], [], [], []],
  diamond: [[], [1], [1], [2, 3]],
} as const

export type Shape = keyof typeof shapes
