import type { Certificates } from './make-certificates.ts';

/** What all servers of a shape have in common. */
export type ShapeOptions = {
  /** Of the user `default`, of every server and sentinel. */
  password?: string;
  tls?: Certificates;
  /** More arguments of every redis-server that holds data. */
  args?: readonly string[];
};
