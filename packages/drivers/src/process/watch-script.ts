/**
 * What the parent-death watcher runs, in POSIX sh. It is told on standard input which process groups live (`+GROUP`) and
 * which do not any more (`-GROUP`). `q` lets it go. End of file means that the initializer is dead: then every group is
 * asked to end (SIGTERM), and made to (SIGKILL) after $2 tenths of a second. On Linux the runs are also found by their mark,
 * of which $1 is the beginning: those that left their group, and one that was started in the very instant of the death.
 * Signals that reach a whole service or terminal must not take the watcher with them.
 */
export const WATCH_SCRIPT = `
trap '' HUP INT TERM
groups=' '
while read -r line; do
  group=\${line#?}
  case $line in
    +*) groups="$groups$group " ;;
    -*) case $groups in *" $group "*) groups="\${groups%%" $group "*} \${groups#*" $group "}" ;; esac ;;
    q) exit 0 ;;
  esac
done
marked() {
  [ -r /proc/self/environ ] || return 0
  grep -lF "REVEILLE_RUN=$1" /proc/[0-9]*/environ 2>/dev/null | while IFS=/ read -r _ _ pid _; do echo "$pid"; done
}
signal() {
  for group in $groups; do kill -s "$2" -- "-$group" 2>/dev/null; done
  for pid in $(marked "$1"); do kill -s "$2" "$pid" 2>/dev/null; done
}
alive() {
  for group in $groups; do kill -s 0 -- "-$group" 2>/dev/null && return 0; done
  [ -n "$(marked "$1")" ]
}
signal "$1" TERM
waited=0
while [ "$waited" -lt "$2" ] && alive "$1"; do
  sleep 0.1 2>/dev/null || { sleep 1; waited=$((waited + 9)); }
  waited=$((waited + 1))
done
signal "$1" KILL
`;
