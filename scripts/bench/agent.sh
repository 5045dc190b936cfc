#!/bin/sh
# A coding agent that takes no time: writes and commits the one file that its prompt names, and approves every review.
# It stands on PATH as `claude`, for both orchestrators. No Node: that would cost 40 ms each time.
say() {
  echo "{\"type\":\"result\",\"subtype\":\"success\",\"is_error\":false,\"session_id\":\"bench\",\"result\":\"$1\"$2}"
}

case " $* " in
  *' --version '*) echo '2.1.329 (Claude Code)' ;;
  *Write* | *acceptEdits*)
    tick='`'
    while IFS= read -r line; do
      case $line in
        *"into ${tick}src/"*) file=${line##*into $tick} && file=${file%%"$tick"*} && break ;;
      esac
    done
    # Its caller may still be writing.
    cat >/dev/null
    mkdir -p "${file%/*}" && echo done >"$file"
    git add "$file" && git commit --quiet --message "Write $file" && say done ''
    ;;
  *)
    cat >/dev/null
    say approved ',"structured_output":{"verdict":"approved","summary":"It is there.","findings":[],"checks":[]}'
    ;;
esac
