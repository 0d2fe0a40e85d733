import { partitionOf } from './partition.ts';

/** The names of all keys of a namespace. What shares a hash tag (the braces) shares a slot. */
export class Keys {
  readonly namespace: string;
  readonly partitions: number;

  constructor(namespace: string, partitions: number) {
    if (!/^[a-z0-9-]{1,32}$/.test(namespace)) {
      throw new TypeError('namespace: 1 to 32 lower-case letters, digits or "-"');
    }
    if (!Number.isInteger(partitions) || partitions < 1 || partitions > 1024) {
      throw new TypeError('partitions: a whole number from 1 to 1024');
    }
    this.namespace = namespace;
    this.partitions = partitions;
  }

  /** The prefix of every key that is not partitioned. */
  get root(): string {
    return `{${this.namespace}}`;
  }

  partitionOf(name: string): number {
    return partitionOf(name, this.partitions);
  }

  /** The prefix of every key of a partition. */
  partition(partition: number): string {
    return `{${this.namespace}:p${partition}}`;
  }

  /** The prefix of the keys of an instance. */
  home(instance: string): string {
    return this.partition(this.partitionOf(instance));
  }

  /** Its own keys, and those of its partition that are written with them. */
  instance(instance: string) {
    const home = this.home(instance);
    return {
      record: `${home}:record:${instance}`,
      interest: `${home}:interest:${instance}`,
      leases: `${home}:leases`,
      attention: `${home}:attention`,
      journal: `${home}:journal`,
      instances: `${home}:instances`,
    };
  }

  attention(partition: number): string {
    return `${this.partition(partition)}:attention`;
  }

  leases(partition: number): string {
    return `${this.partition(partition)}:leases`;
  }

  instances(partition: number): string {
    return `${this.partition(partition)}:instances`;
  }

  journal(partition: number): string {
    return `${this.partition(partition)}:journal`;
  }

  timeline(instance: string, generation: number): string {
    return `${this.home(instance)}:timeline:${instance}:${generation}`;
  }

  durations(service: string): string {
    return `${this.home(service)}:durations:${service}`;
  }

  /** What is known of an initialization beside the timelines of its instances. */
  run(initialization: string): string {
    return `${this.home(initialization)}:initialization:${initialization}`;
  }

  /** Where initializations are found by what they have in common. */
  runs(by: string): string {
    return `${this.home(by)}:initializations:${by}`;
  }

  connections(entrypoint: string, user: string): string {
    return `${this.home(`${entrypoint}~${user}`)}:connections:${entrypoint}:${user}`;
  }

  messageRate(entrypoint: string, user: string): string {
    return `${this.home(`${entrypoint}~${user}`)}:rate:${entrypoint}:${user}`;
  }

  handshakeRate(address: string): string {
    return `${this.home(address)}:handshakes:${address}`;
  }

  /** How many sockets of a client address each edge has. */
  address(address: string): string {
    return `${this.home(address)}:address:${address}`;
  }

  /** Places of the instances of a service: until when, and of which generation. */
  reservations(service: string): [string, string] {
    return [`${this.home(service)}:reservations:${service}`, `${this.home(service)}:reservation-holders:${service}`];
  }

  /**
   * What is kept of a session: itself, its messages, the ids that were accepted, and those of them without a whole answer; then when
   * the sessions of its partition end, and how large they are.
   */
  session(session: string): string[] {
    const key = `${this.home(session)}:session:${session}`;
    const own = [key, ...['messages', 'accepted', 'unanswered'].map((part) => `${key}:${part}`)];
    return [...own, `${this.home(session)}:session-ends`, this.sessionSizes(this.partitionOf(session))];
  }

  sessionSizes(partition: number): string {
    return `${this.partition(partition)}:session-sizes`;
  }

  members(): string {
    return `${this.root}:members`;
  }

  memberDetails(): string {
    return `${this.root}:member-details`;
  }

  /** The keys of the line of queued starts, in the order of its scripts; `line:LANE` and `served:URGENCY` stand beside them. */
  line(): string[] {
    return ['line', 'queued', 'slots', 'slot-holders', 'under-way', 'turns'].map((name) => `${this.root}:${name}`);
  }

  pauses(): string {
    return `${this.root}:pauses`;
  }

  audit(): string {
    return `${this.root}:audit`;
  }

  /** Instances that have failed, for the webhook that says that they are well again. */
  failing(): string {
    return `${this.root}:failing`;
  }

  layout(): string {
    return `${this.root}:layout`;
  }

  /** One for the namespace, the first, and one for each partition. */
  layouts(): string[] {
    const homes = Array.from({ length: this.partitions }, (_, partition) => this.partition(partition));
    return [this.root, ...homes].map((home) => `${home}:layout`);
  }
}
