import { z } from 'zod';

/**
 * Why something failed. `retryable`: may the same user try again after `retryAfterMs` without anybody changing anything?
 * `public` is what a user reads; `operator` what somebody who can mend it reads. `docs/failures.md` repeats this table; a test holds them together.
 */
export const failureCodes = {
  start_timeout: {
    retryable: true,
    public: 'It took too long to start.',
    operator: 'The service did not finish its start within the deadline of one attempt (deadlineMs).',
  },
  probe_timeout: {
    retryable: true,
    public: 'It started but did not become ready in time.',
    operator:
      'The service runs but its readiness probe did not pass within deadlineMs. Look at `ready` in the catalog and at the service log.',
  },
  exited_early: {
    retryable: true,
    public: 'It stopped while it was starting.',
    operator: 'The process ended before it was ready. The exit code and the last log lines say why.',
  },
  crash_loop: {
    retryable: true,
    public: 'It keeps stopping shortly after its start.',
    operator: 'The service became ready and was lost again several times within its stability window.',
  },
  spawn_failed: {
    retryable: true,
    public: 'It could not be started.',
    operator:
      'The operating system refused to start the process (memory, file handles, permissions, working directory).',
  },
  command_not_found: {
    retryable: false,
    public: 'It could not be started: its program is missing.',
    operator: 'The command of the service does not exist or is not executable on the host of the initializer.',
  },
  port_in_use: {
    retryable: true,
    public: 'It could not be started: its port is taken.',
    operator: 'Another process listens on the port of the service.',
  },
  image_pull_failed: {
    retryable: true,
    public: 'It could not be started: its image cannot be had.',
    operator: 'The container image could not be pulled.',
  },
  unschedulable: {
    retryable: true,
    public: 'There is no room to start it at the moment.',
    operator: 'The cluster found no node for the pod.',
  },
  forbidden_by_cluster: {
    retryable: false,
    public: 'It may not be started.',
    operator: 'The cluster refused the request: role or admission policy.',
  },
  dependency_failed: {
    retryable: true,
    public: 'Something it needs could not be started.',
    operator: 'A dependency failed; its failure is the root cause.',
  },
  driver_error: {
    retryable: true,
    public: 'It could not be started.',
    operator: 'The driver failed in a way that it has no code for; the message is its error.',
  },
  cooling_down: {
    retryable: true,
    public: 'It failed a moment ago. It can be tried again shortly.',
    operator: 'A failure is remembered for cooldownMs; nothing is started until then.',
  },
  quota_exceeded: {
    retryable: true,
    public: 'Too many are running at the moment.',
    operator:
      'limits.instances of the service is reached, or the ResourceQuota of its namespace is used up; the message says which.',
  },
  deadline_exceeded: {
    retryable: true,
    public: 'Getting everything ready took too long.',
    operator: 'The initialization did not finish within deadlineMs of the entrypoint.',
  },
  broker_unavailable: {
    retryable: true,
    public: 'The system that starts services cannot be reached at the moment.',
    operator: 'Redis did not answer. Ready sessions go on; new needs fail until it is back.',
  },
  upstream_refused: {
    retryable: true,
    public: 'The service is running but refused the connection.',
    operator: 'The WebSocket to the endpoint of the instance could not be opened.',
  },
  upstream_unproven: {
    retryable: true,
    public: 'The service could not prove that it is genuine, so nothing from it was shown.',
    operator: 'The handshake of the upstream carried no valid x-reveille-proof for its generation and session.',
  },
  inauthentic_response: {
    retryable: false,
    public: 'A reply was blocked because it was not an authentic answer of the service.',
    operator: 'A frame broke a content rule of the entrypoint; the log line of the edge names the rule.',
  },
  maintenance: {
    retryable: true,
    public: 'Down for maintenance.',
    operator: 'The service or entrypoint is paused by an operator.',
  },
  cancelled: { retryable: true, public: 'Cancelled.', operator: 'The user left the initialization.' },
} as const satisfies Record<string, { retryable: boolean; public: string; operator: string }>;

export const failureCode = z.enum(Object.keys(failureCodes) as [FailureCode, ...FailureCode[]]);
export type FailureCode = keyof typeof failureCodes;

/** Codes of `rejected` and `error` frames beside the failure codes, with the text that a client developer reads. */
export const refusalCodes = {
  too_large: 'The message is larger than limits.messageBytes.',
  too_many: 'Too many messages or bytes are held for this session.',
  rate_limited: 'More messages per second than limits.messagesPerSecond.',
  not_ready: 'There is nothing to do this on at the moment.',
  bad_frame: 'A field of the frame is missing or wrong.',
  unknown_type: 'There is no frame of this type.',
  duplicate_in_flight: 'A message with this id is being delivered.',
  service_lost: 'The service was lost before it had taken the message.',
  unavailable: 'Tokens cannot be checked at the moment.',
} as const;
export type RefusalCode = keyof typeof refusalCodes;

export const refusalOrFailureCode = z.enum([
  ...(Object.keys(refusalCodes) as [RefusalCode, ...RefusalCode[]]),
  ...(Object.keys(failureCodes) as [FailureCode, ...FailureCode[]]),
]);
export type RefusalOrFailureCode = z.infer<typeof refusalOrFailureCode>;

/** Phases in which an instance can be; services may report phases of their own while they start. */
export const phase = z.string().min(1).max(64);

/** The one shape in which a failure crosses processes. Durations in milliseconds. */
export const failure = z.object({
  code: failureCode,
  /** The service that failed first (the root cause), not the one that was asked for. */
  service: z.string(),
  /** Its display name. */
  name: z.string(),
  phase,
  message: z.string().max(2000),
  attempt: z.number().int().nonnegative(),
  attempts: z.number().int().nonnegative(),
  exitCode: z.number().int().optional(),
  signal: z.string().optional(),
  /** The last lines that the service wrote, secrets redacted. Reaches users only by `logTailFor`. */
  logTail: z.array(z.string()).max(50).optional(),
  retryable: z.boolean(),
  retryAfterMs: z.number().nonnegative().optional(),
  traceId: z.string(),
});
export type Failure = z.infer<typeof failure>;
