export { createDockerDriver, type DockerDriverOptions } from './docker/docker-driver.ts';
export { canLookFor, createDrivers, driverFor, driverNameOf, type Drivers, unsupported } from './drivers.ts';
export { endpointFromUrl, endpointOf } from './endpoint.ts';
export { createHttpDriver, type HttpDriverOptions } from './http/http-driver.ts';
export { createKubernetesDriver, type KubernetesDriverOptions } from './kubernetes/kubernetes-driver.ts';
export { LOG_BYTES, LOG_LINE_BYTES, LOG_LINES } from './log/log-ring.ts';
export { checkAlive, type Liveness } from './probe/check-alive.ts';
export type { CompileRegex } from './probe/line-probe.ts';
export type { ReportSource } from './probe/report-source.ts';
export { untilReady, type UntilReadyOptions } from './probe/until-ready.ts';
export { createModuleDriver } from './module/module-driver.ts';
export { type CommandContext, commandContextOf } from './process/command-context.ts';
export { createProcessDriver, type ProcessDriverOptions } from './process/process-driver.ts';
export { parseRunName } from './run-name.ts';
export {
  type ConformanceCase,
  driverConformance,
  type DriverHarness,
  type Program,
} from './conformance/driver-conformance.ts';
