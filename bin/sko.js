#!/bin/sh
':' //; for s in HUP INT QUIT TSTP; do sh -c "trap 'exit 9' $s; kill -$s \$\$" && i="$i $s"; done; SKO_IGNORED_SIGNALS="$$:$i" exec node "$0" "$@"
// The line above is for the shell: Node forgets which signals its caller has it ignore (nohup), and a shell cannot trap those.
import { setFlagsFromString } from 'node:v8'

// The young generation stays at 1 MB; otherwise reading the output of eight agents at once grows it by 14 MB. V8 also
// prefers collecting to growing: a run of two agents peaks at 80 MB instead of 122 (both measured, Node 20).
setFlagsFromString('--semi-space-growth-factor=1')
setFlagsFromString('--optimize-for-size')
const { main } = await import('../dist/cli/main.js')

await main(process.argv)
