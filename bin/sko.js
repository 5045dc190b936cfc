#!/bin/sh
':' //; i=$(sh -c 'for s in HUP INT QUIT TSTP; do i=" $s"; trap i= $s; kill -$s $$; printf %s "$i"; done'); SKO_IGNORED_SIGNALS="$$:$i" exec node "$0" "$@"
// The line above is for the shell: Node forgets which signals its caller has it ignore (nohup). A shell cannot trap those.
import { main } from '../dist/cli/main.js'

await main(process.argv)
