/**
 * Loaded before a deployable: its clock is wrong by `TEST_CLOCK_AHEAD_MS` (milliseconds, may be negative), and at SIGUSR2 as much the
 * other way. Timers and the monotonic clock are what they are, as when an administrator sets the time of a host.
 */
const RealDate = Date;
let aheadMs = Number(process.env['TEST_CLOCK_AHEAD_MS'] ?? '0');
const now = (): number => RealDate.now() + aheadMs;

globalThis.Date = new Proxy(RealDate, {
  apply: () => new RealDate(now()).toString(),
  construct: (target, args, newTarget: typeof RealDate) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget) as Date,
  get: (target, key) => (key === 'now' ? now : (Reflect.get(target, key) as unknown)),
});

process.on('SIGUSR2', () => {
  aheadMs = -aheadMs;
});
