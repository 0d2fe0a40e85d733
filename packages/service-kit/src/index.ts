export * from './busy-handler.ts';
export * from './on-shutdown.ts';
export * from './prove-session.ts';
export { type ProgressReport, report, reportReady } from './report/report.ts';
export * from './service-env.ts';
export { serveSessions, type ServeSessionsOptions } from './sessions/serve-sessions.ts';
export type { SessionLimits } from './sessions/session-limits.ts';
export type { EmitOptions, Json, SessionMessage, UpstreamSession } from './sessions/upstream-session.ts';
