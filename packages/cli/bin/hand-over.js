import { spawn } from 'node:child_process';

/** Set for the process that is handed over to, so that it minds its launcher and is never handed over twice. */
const mark = 'REVEILLE_LAUNCHER';
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

export function startedByHandOver() {
  return process.env[mark] !== undefined;
}

/**
 * Runs the program on another Node with the same arguments, terminal and signals, and ends as it ends. A Ctrl-C of the terminal
 * reaches it twice, directly and from here; it takes signals within half a second for one.
 */
export function handOver(node, program, args) {
  const child = spawn(node, [program, ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, [mark]: String(process.pid) },
  });
  const forward = (signal) => child.kill(signal);
  for (const signal of signals) process.on(signal, forward);
  child.on('error', (error) => {
    process.stderr.write(`reveille: ${node} could not be started: ${error.message}\n`);
    process.exit(2);
  });
  child.on('exit', (code, signal) => {
    for (const each of signals) process.off(each, forward);
    if (signal === null) process.exit(code);
    else process.kill(process.pid, signal);
  });
}

/** Ends this process in good order when its launcher is gone without a word (SIGKILL): nobody could end it any more. */
export function watchLauncher() {
  delete process.env[mark];
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  // The watch alone must not keep a finished command from ending.
  process.channel?.unref();
}
