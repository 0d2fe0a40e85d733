/** Loaded before a deployable: at SIGUSR2 its event loop is blocked for two leases, as by a long calculation. */
import { timing } from '@reveille/orchestration';

process.on('SIGUSR2', () => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 * timing.leaseTtlMs.value);
});
