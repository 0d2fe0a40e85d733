import type { Balancer } from '../balancer.ts';
import type { Cluster } from '../cluster.ts';
import type { Deployable } from '../deployables.ts';

/** The edges of a cluster behind a balancer, of which one after the other is replaced. */
export class ReplacedEdges {
  readonly #balancer: Balancer;
  readonly #cluster: Cluster;
  #edges: readonly Deployable[];

  private constructor(balancer: Balancer, cluster: Cluster) {
    this.#balancer = balancer;
    this.#cluster = cluster;
    this.#edges = cluster.of('edge');
  }

  static async behind(balancer: Balancer, cluster: Cluster): Promise<ReplacedEdges> {
    const edges = new ReplacedEdges(balancer, cluster);
    await edges.#direct();
    return edges;
  }

  /**
   * Starts a new edge, sends whoever comes there and no more to the oldest, and ends that one.
   * @returns its exit code, and for each of its connections when it was closed after the signal (ms)
   */
  async replaceOldest(
    signal: 'SIGTERM' | 'SIGKILL',
  ): Promise<{ code: number | null; closedAfterMs: Promise<number[]> }> {
    const [old, ...rest] = this.#edges;
    if (old === undefined) throw new Error('there is no edge');
    const next = this.#cluster.add('edge');
    await next.running();
    this.#edges = [...rest, next];
    await this.#direct();
    const { port } = new URL(await old.url());
    const began = performance.now();
    const closed = this.#balancer.closesOf(Number(port));
    old.child.kill(signal);
    return { code: await old.exited, closedAfterMs: closed.then((times) => times.map((at) => at - began)) };
  }

  async #direct(): Promise<void> {
    this.#balancer.use(await Promise.all(this.#edges.map((edge) => edge.url())));
  }
}
