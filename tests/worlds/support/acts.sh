# Functions for the acts of agents and persons. `turn` says who acts, WORLD is the folder of the cell.

# Prints a line that occurs nowhere else, and registers it as written to this file.
token() {
  line="written by $turn $(date +%s%N) $$"
  printf '%s\t%s\t%s\n' "$turn" "$line" "$1" >>"$WORLD/written"
  printf '%s\n' "$line"
}

# Appends such a line to each file.
write() {
  for file; do
    mkdir -p "$(dirname "$file")"
    token "$file" >>"$file"
  done
}

# Lines for this file never came into the repository.
unwritten() {
  grep -v "$(printf '\t%s$' "$1")" "$WORLD/written" >"$WORLD/written.new"
  mv "$WORLD/written.new" "$WORLD/written"
}

commit() {
  git add -A && git -c user.name='Fake Agent' -c user.email=agent@example.invalid commit -q -m "$1"
}

# The host, in a way that is allowed to whoever acts; what comes of it is for sko to see.
host() {
  spec-kitty "$@" >>"$WORLD/host-calls.log" 2>&1 || true
}
