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
  | { kind: 'rest' };

/** What the catalog says about failing, and one random number in [0, 1) for the jitter. */
export type FailurePolicy = { retry: Service['retry']; cooldownMs: number; random: number };

/** Why a command does not apply. An expected answer, not an error: read again and decide again. */
export type Refusal = {
  refused: 'state' | 'epoch' | 'lease_held' | 'not_before' | 'cooling_down' | 'worn_out' | 'no_change';
  state: InstanceState;
};
