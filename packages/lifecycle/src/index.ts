export { CONFIG_EXIT_CODE, ConfigError, type ConfigFault } from './config/config-error.ts';
export { boolean, durationMs, integer, list, oneOf, text } from './config/kinds.ts';
export { loadConfig, type ConfigOf, type ConfigSpec, type CrossCheck } from './config/load-config.ts';
export { describeSecret, secret, url } from './config/secret-kinds.ts';
export { setting, type Kind, type Presence, type Reading, type Setting, type ValueOf } from './config/setting.ts';
export { Health, type FailingCheck, type HealthCheck, type HealthReport } from './health/health.ts';
export {
  healthHandler,
  startHealthServer,
  type HealthHandlerOptions,
  type HealthServer,
  type HealthServerOptions,
  type MetricsPage,
} from './health/health-server.ts';
export {
  SIGNAL_EXIT_CODE,
  STOP_SIGNALS,
  StopRequested,
  type HostProcess,
  type StopSignal,
} from './process/host-process.ts';
export {
  DEFAULT_DRAIN_MS,
  DEFAULT_REPEAT_MS,
  runProcess,
  type FatalOrigin,
  type ProcessContext,
  type Refusal,
  type RunProcessOptions,
} from './process/run-process.ts';
export { DEFAULT_DISPOSE_MS, Scope, ScopeDisposed, type Disposal, type ScopeOptions } from './process/scope.ts';
export { childAbort, type ChildAbort } from './wait/child-abort.ts';
export { DeadlineExceeded, withDeadline, type DeadlineOptions } from './wait/deadline.ts';
export { interval, type IntervalOptions } from './wait/interval.ts';
export { nextTurn } from './wait/next-turn.ts';
export { raceAbort } from './wait/race-abort.ts';
export { sleep, type SleepOptions } from './wait/sleep.ts';
export { TurnWrites } from './write/turn-writes.ts';
