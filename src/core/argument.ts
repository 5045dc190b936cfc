/** Bytes. Linux refuses one argument of 128 KiB and more with E2BIG: 131071 works, 131072 does not (measured). */
export const longestArgument = 131_071
