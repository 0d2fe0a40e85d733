import type {
  DriverName,
  Endpoint,
  FailureCode,
  InstanceKey,
  Progress,
  Service,
  ServiceName,
} from '@reveille/contracts';
import type { TemplateValues } from '../plan/index.ts';

/** Everything a driver needs to start one generation. Templates are still unrendered: the driver knows the port. */
export type StartRequest = {
  /** Deterministic: the same for every attempt of the generation. */
  name: string;
  instance: InstanceKey;
  service: ServiceName;
  generation: number;
  spec: Service;
  /** Folder of the catalog: relative paths start here. */
  catalogDir: string;
  /** Values of templates; the driver adds `port` and fills them in with `renderTemplate`. */
  values: Omit<TemplateValues, 'port'>;
  /** The `REVEILLE_*` variables and `TRACEPARENT`; the driver adds `PORT`, `PATH`, `passEnv` and the rendered `env`. */
  environment: Readonly<Record<string, string>>;
};

/** `why`: what the executor says of it beyond its status, in few words; whoever speaks of the end adds them. */
export type Exit = { code: number | null; signal: string | null; why?: string };

/** Something that runs under one of our names. */
export interface Running {
  readonly name: string;
  /** Absent while unknown (`endpoint.port: reported`). */
  readonly endpoint: Endpoint | undefined;
  /** Resolves when it ended, whoever ended it. Never rejects. */
  readonly exited: Promise<Exit>;
  /** The last lines that it wrote (stdout and stderr), oldest first, secrets redacted, control characters removed; bounded. */
  logs(): string[];
  /** Every further line as it comes. */
  onLine(listener: (line: string) => void): () => void;
}

export type DriverContext = {
  signal: AbortSignal;
  progress(progress: Progress): void;
  /**
   * No earlier claim of this generation is known, so that a search for what such a one started may be left out where something
   * quicker tells that nobody runs it.
   */
  unclaimed?: boolean;
};

/** A run as the ledger names it. */
export type RunName = { name: string; instance: InstanceKey; generation: number };

export type StopOutcome =
  /** Nothing of it runs any more (also when nothing ran). */
  { stopped: true } | { stopped: false; reason: string };

export type StopOptions = {
  graceMs: number;
  signal: AbortSignal;
  /** How it was started, for drivers that do not find what runs by its name alone. */
  request?: () => Promise<StartRequest>;
};

/** A way of starting services. Every method is idempotent and takes a signal; each rejects with `DriverError` only. */
export interface Driver {
  readonly driver: DriverName;
  /**
   * What runs under this name already, or a new run of it. A start that fails or is given up may leave something behind, and ends nothing:
   * its caller may have lost the claim, and another may go on with it. Whoever has the claim calls `stop`.
   */
  start(request: StartRequest, context: DriverContext): Promise<Running>;
  /** What an earlier claim of this generation started and still runs, else undefined. Starts nothing. */
  adopt(request: StartRequest, context: DriverContext): Promise<Running | undefined>;
  stop(run: RunName, options: StopOptions): Promise<StopOutcome>;
  /** What runs under our names (of this deployment, reachable by this driver). */
  list(signal: AbortSignal): Promise<RunName[]>;
}

/** Why a driver could not do it, in the codes of the failure table. */
export class DriverError extends Error {
  override readonly name = 'DriverError';
  readonly code: FailureCode;
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly logTail: readonly string[];
  constructor(
    code: FailureCode,
    message: string,
    more: { exitCode?: number; signal?: string; logTail?: readonly string[]; cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause });
    this.code = code;
    this.exitCode = more.exitCode;
    this.signal = more.signal;
    this.logTail = more.logTail ?? [];
  }
}
