import type {
  Endpoint,
  Failure,
  InstanceKey,
  InstanceState,
  LedgerRecord,
  Origin,
  Progress,
  Scope,
  ScopeKey,
  Service,
  ServiceName,
} from '@reveille/contracts';

/** What an instance is, apart from its life: needed where a record may not exist yet. */
export type Identity = {
  instance: InstanceKey;
  service: ServiceName;
  scope: Scope;
  scopeKey: ScopeKey;
  dependencies: readonly InstanceKey[];
  /** Digest of the catalog in use. */
  catalog: string;
  /** Digest of the entry of its service in it. */
  definition?: string;
};

export type StopReason = NonNullable<LedgerRecord['stopReason']>;

/** Everything that can be asked of an instance's record. `epoch`: the claim under which it is asked. */
export type Command =
  | { kind: 'want'; identity: Identity; origin: Origin | undefined }
  | { kind: 'add_dependent'; identity: Identity; dependent: InstanceKey }
  | { kind: 'drop_dependents'; dependents: readonly InstanceKey[] }
  | { kind: 'note_unwanted' }
  | { kind: 'note_wanted' }
  | { kind: 'queue'; dependencyGenerations: Record<InstanceKey, number> }
  | { kind: 'wait' }
  | { kind: 'fail_dependency'; failure: Failure; cooldownUntil: number }
  /** There is no place for it (`limits.instances`), or its service is paused. */
  | { kind: 'refuse'; failure: Failure; cooldownMs: number }
  | { kind: 'claim'; owner: string; host: string | undefined; name: string; attempts: number }
  | { kind: 'progress'; epoch: number; progress: Progress }
  | { kind: 'ready'; epoch: number; owner: string; endpoint: Endpoint; publicKey: string }
  | { kind: 'attempt_failed'; epoch: number; failure: Failure; policy: FailurePolicy }
  | { kind: 'give_up'; failure: Failure; policy: FailurePolicy }
  | { kind: 'let_go'; epoch: number }
  | { kind: 'lose'; failure: Failure }
  | { kind: 'stop'; owner: string; reason: StopReason }
  | { kind: 'stopped'; epoch: number; policy: FailurePolicy }
  /** An operator wants this generation to end. Whoever may act on it does that at its next look. */
  | { kind: 'request_stop' }
  /** An operator has mended what failed: neither the failure nor its strikes are remembered. */
  | { kind: 'clear' }
  | { kind: 'cancel' }
  | { kind: 'rest' }
  /** The next generation of a ready instance is going to run on these too: what it joins, it has to leave some day. */
  | { kind: 'need_also'; dependencies: readonly InstanceKey[] }
  /** `update: rolling`: whoever watches a ready instance starts its next generation beside it. */
  | {
      kind: 'claim_successor';
      identity: Identity;
      owner: string;
      host: string | undefined;
      dependencyGenerations: Record<InstanceKey, number>;
      attempts: number;
      cooldownMs: number;
    }
  /** It takes the new sessions from now on; the one before keeps those that it has, for so long. */
  | {
      kind: 'successor_ready';
      epoch: number;
      owner: string;
      endpoint: Endpoint;
      publicKey: string;
      drainMs: number;
    }
  | { kind: 'successor_failed'; epoch: number; failure: Failure; policy: FailurePolicy }
  /** Its holder is being shut down: the attempt is not counted. */
  | { kind: 'let_successor_go'; epoch: number }
  /** Nothing of it runs, and it is not wanted any more. */
  | { kind: 'drop_successor'; generation: number }
  /** An edge has no session left on the generation that is being drained. */
  | { kind: 'leave_draining'; edge: string; generation: number }
  /** It serves nobody any more: edges move what is left. */
  | { kind: 'end_drain'; generation: number }
  /** Nothing of it runs any more. */
  | { kind: 'drained'; generation: number };

/** What the catalog says about failing, and one random number in [0, 1) for the jitter. */
export type FailurePolicy = { retry: Service['retry']; cooldownMs: number; random: number };

/** Why a command does not apply. An expected answer, not an error: read again and decide again. */
export type Refusal = {
  refused: 'state' | 'epoch' | 'lease_held' | 'not_before' | 'cooling_down' | 'worn_out' | 'no_change';
  state: InstanceState;
};
