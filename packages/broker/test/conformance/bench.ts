import type { InstanceKey } from '@reveille/contracts';
import type { Broker } from '@reveille/orchestration';

/** A broker of an empty store, and what the suite needs beside it. */
export interface Bench extends AsyncDisposable {
  readonly broker: Broker;
  /** Another process on the same store; ended with the bench. */
  another(): Promise<Broker>;
  /** Lets time pass for leases, interest, attention, places, expiries and unacknowledged entries. */
  elapse(ms: number): Promise<void>;
  /** Stores a text where the record of an instance belongs. */
  putText(instance: InstanceKey, text: string): Promise<void>;
}

/** What a test may ask of the broker beside an empty store: `sessionsBytes` as `ConnectBrokerOptions.sessions.bytes`. */
export type BenchOptions = { sessionsBytes?: number };

export type MakeBench = (options?: BenchOptions) => Promise<Bench>;
