const steps: (() => Promise<void> | void)[] = [];
let stopping = false;

/**
 * Runs `step` when the service is told to stop (SIGTERM or SIGINT): the last registered first, each after the one before has
 * finished, then the process exits with 0, or with 1 when a step failed (the others still run). How long that may take is the
 * grace of the catalog (`stop.graceMs`), kept by whoever sends the signal. A second SIGINT (Ctrl-C again) exits at once with 130.
 */
export function onShutdown(step: () => Promise<void> | void): void {
  if (steps.length === 0) {
    process.on('SIGTERM', begin);
    process.on('SIGINT', begin);
  }
  steps.push(step);
}

function begin(signal: NodeJS.Signals): void {
  if (stopping) {
    if (signal === 'SIGINT') process.exit(130);
    return;
  }
  stopping = true;
  void stop();
}

async function stop(): Promise<void> {
  let failed = false;
  for (const step of steps.toReversed()) {
    try {
      await step();
    } catch (error) {
      failed = true;
      console.error('reveille: a step of the shutdown failed:', error);
    }
  }
  process.exit(failed ? 1 : 0);
}
