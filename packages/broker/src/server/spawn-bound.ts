import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';

/**
 * A child whose life is bound to this process: it is ended when this process is gone, however that came about.
 */
export interface BoundChild {
  readonly process: ChildProcess;
  /** Standard output and standard error. */
  readonly output: readonly [Readable, Readable];
  /** To be called when the program has exited: from then on its watcher only minds the folder. */
  noteExit(): void;
  /** To be called after that, when the folder is in the hands of the caller: the watcher leaves. */
  release(): void;
}

/**
 * The shell first leaves a watcher in the background, then becomes the program itself: process id, exit status and
 * signals are the program's own, and there is no moment in which it runs unwatched. The watcher waits on a pipe (file
 * descriptor 3) whose other end only the parent holds. One line on it means "the program has exited", a second one
 * "leave". Its end means that the parent is gone, SIGKILL included: then the program, unless it has exited, gets TERM and
 * after five seconds KILL, and the folder that was made for it is removed. `$$` in the watcher is the id of the shell,
 * hence of the program. A zombie is gone too: where nobody collects orphans, as in many containers, it would stay for
 * ever.
 */
const script = `
folder=$1; shift
gone() { ! kill -0 "$1" || grep -q ') Z ' "/proc/$1/stat"; }
(
  if read -r _ <&3; then
    read -r _ <&3 && exit 0
  else
    kill -TERM $$
    tries=0
    until gone $$ || [ $tries -ge 50 ]; do sleep 0.1; tries=$((tries + 1)); done
    kill -KILL $$
  fi
  if [ -n "$folder" ]; then rm -rf -- "$folder"; fi
) </dev/null >/dev/null 2>&1 &
exec "$@" 3<&-
`;

/**
 * Starts a program in its own process group, so that the terminal's Ctrl-C reaches this process alone, which ends the
 * program when it no longer needs it.
 *
 * @param folder removed when this process dies without ending the program; undefined to keep what is there.
 */
export function spawnBound(
  path: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv; readonly folder: string | undefined },
): BoundChild {
  const child = spawn('/bin/sh', ['-c', script, 'reveille-bound', options.folder ?? '', path, ...args], {
    cwd: options.cwd,
    env: options.env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const lifeline = child.stdio[3] as Socket;
  // The watcher may leave first, when someone ends it from outside: a line that nobody reads is no fault of ours.
  lifeline.on('error', () => lifeline.destroy());
  return {
    process: child,
    output: [child.stdout as Readable, child.stderr as Readable],
    noteExit: () => {
      lifeline.write('exited\n');
      // What is left to mind is a folder: no reason to keep this process from ending.
      lifeline.unref();
    },
    release: () => void lifeline.end('leave\n'),
  };
}
