/** Sockets of a user over all edges, each leased, so that a dead edge's sockets free their places. */
export interface Connections {
  /** `user`: scope key, never a raw id. Refused when `limit` others are held. */
  acquire(of: {
    entrypoint: string;
    user: string;
    connection: string;
    limit: number;
    ttlMs: number;
  }): Promise<{ acquired: true } | { acquired: false; held: number }>;
  renew(of: readonly { entrypoint: string; user: string; connection: string }[], ttlMs: number): Promise<void>;
  release(of: { entrypoint: string; user: string; connection: string }): Promise<void>;
}

export type Member = {
  id: string;
  kind: 'edge' | 'initializer' | 'relay';
  /** Initializers: the host that their `process` and `module` services live on. */
  host?: string;
  /** Edges: the public half of their signing key, which started services get in `REVEILLE_EDGE_KEY`. */
  edgeKey?: string;
  /** Edges: sessions per entrypoint, and how many of them wait, as of the last announcement. */
  sessions?: Record<string, { open: number; waiting: number }>;
  /** Relays: events are delivered to a webhook. */
  webhooks?: boolean;
  startedAt: number;
};

/** Which deployables are alive. */
export interface Members {
  /** Announces (or renews) for `ttlMs`. */
  announce(member: Member, ttlMs: number): Promise<void>;
  leave(member: Member): Promise<void>;
  alive(): Promise<Member[]>;
}
