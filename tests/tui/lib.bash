# SPDX-License-Identifier: MIT
# lib.bash - a terminal to test in: tmux with a server of its own, keys sent, the screen read. Sourced after
# tests/interop/lib.bash. On any way out the tmux server ends with what runs in it.
export LC_ALL=C.UTF-8
unset NO_COLOR XDG_RUNTIME_DIR
export TMUX_TMPDIR=$tmp
terminals=0 # each has a server of its own: one that is ending takes nobody in
tm() { tmux -L "dw$$.$terminals" -f /dev/null "$@"; }
tui_cleanup() {
  tm kill-server 2>/dev/null
  cleanup
}
trap tui_cleanup EXIT

# terminal W H COMMAND...: runs it in a fresh terminal; its exit code will be in $tmp/rc.
terminal() {
  local w=$1 h=$2
  shift 2
  tm kill-server 2>/dev/null
  terminals=$((terminals + 1))
  rm -f "$tmp/rc" "$tmp/pid" "$tmp"/*.stty
  printf '%q ' "$@" >"$tmp/command"
  # TERM is tmux's own; the shell stays, so that what is left of the screen can be seen
  tm new-session -d -x "$w" -y "$h" \
    "cd $tmp; stty -a >before.stty; ${tui_env:-} bash -c 'echo \$\$ >pid; exec $(sed "s/'/'\\\\''/g" "$tmp/command")'; echo \$? >rc; stty -a >after.stty; echo left; exec cat >/dev/null"
  tm set-option -g status off
  tm set-option -g escape-time 0
}
keys() { tm send-keys "$@"; }
words() { tm send-keys -l "$1"; }
screen() { tm capture-pane -p; }
# The screen shows a line that matches the pattern, soon.
shows_now() { screen | grep -qE -- "$1"; }
shows() { within 10 shows_now "$1" || { echo "the screen does not show: $1"; screen; return 1; }; }
hides_now() { ! screen | grep -qE -- "$1"; }
hides() { within 10 hides_now "$1" || { echo "the screen shows: $1"; screen; return 1; }; }
# do_keys PATTERN KEY...: keys, then the pattern is on the screen.
do_keys() {
  local pattern=$1
  shift
  keys "$@"
  shows "$pattern"
}
size() { tm resize-window -x "$1" -y "$2"; }
gone() { [ -s "$tmp/rc" ]; }
console_pid() { cat "$tmp/pid"; }
# The console has ended with this code (128 + N: by signal N), and the terminal is as it was before.
ended_clean() {
  within 10 gone || { echo "it still runs"; screen; return 1; }
  [ "$(cat "$tmp/rc")" = "$1" ] || { echo "exit $(cat "$tmp/rc"), not $1"; return 1; }
  within 5 test -s "$tmp/after.stty" && diff "$tmp/before.stty" "$tmp/after.stty" || return 1
  shows '^left' || return 1
  [ "$(tm display-message -p '#{alternate_on} #{cursor_flag} #{keypad_flag} #{keypad_cursor_flag}')" = "0 1 0 0" ] ||
    { tm display-message -p 'alternate #{alternate_on} cursor #{cursor_flag} keypad #{keypad_flag}'; return 1; }
}
