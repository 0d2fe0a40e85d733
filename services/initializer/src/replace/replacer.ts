import type { InstanceKey } from '@reveille/contracts';
import type { Succession } from '@reveille/orchestration';
import { AttemptEnded } from '../start/attempt-ended.ts';
import { LeaseKeeper } from '../start/lease-keeper.ts';
import type { Looked } from '../reconcile/looks.ts';
import { type ReplacerParts, SuccessorStart } from './successor-start.ts';

/** Replacements at once in one initializer: a new catalog must not start everything that runs a second time in one moment. */
const atOnce = 4;

/**
 * Replaces what is ready by its next generation beside it (`update: rolling`). Only who watches an instance does this, so that its watch
 * lease keeps all others away. What is cut short here is decided again at the next look of whoever watches then.
 */
export class Replacer implements AsyncDisposable {
  readonly #parts: ReplacerParts;
  readonly #shutdown = new AbortController();
  readonly #underWay = new Map<InstanceKey, { readonly done: Promise<void>; readonly cease: AbortController }>();

  constructor(parts: ReplacerParts) {
    this.#parts = parts;
  }

  /** In the background. Does nothing while something is done for this instance, or for as many others as may be. */
  do(step: Exclude<Succession, { next: 'nothing' }>, looked: Looked): void {
    const { instance } = looked.reading;
    if (this.#shutdown.signal.aborted || this.#underWay.has(instance) || this.#underWay.size >= atOnce) return;
    const cease = new AbortController();
    const done = this.#step(step, looked, AbortSignal.any([cease.signal, this.#shutdown.signal]))
      .catch((error: unknown) =>
        this.#parts.logger.error({ instance, err: error }, 'a replacement was cut short; the next look goes on'),
      )
      .finally(() => this.#underWay.delete(instance));
    this.#underWay.set(instance, { done, cease });
    void done.then(() => this.#parts.reconciler.wake([instance]));
  }

  /** Nothing is started for this instance any more when this resolves: whoever ends all of it would not find what is still on its way. */
  async cease(instance: InstanceKey): Promise<void> {
    const underWay = this.#underWay.get(instance);
    underWay?.cease.abort(new AttemptEnded('unwanted'));
    await underWay?.done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#shutdown.abort(new AttemptEnded('shutdown'));
    await Promise.allSettled([...this.#underWay.values()].map(({ done }) => done));
  }

  async #step(step: Exclude<Succession, { next: 'nothing' }>, looked: Looked, ended: AbortSignal): Promise<void> {
    switch (step.next) {
      case 'start_successor':
        return new SuccessorStart(this.#parts, looked, ended).make(step.dependencyGenerations);
      case 'drop_successor':
        return this.#drop(looked);
      case 'end_drain':
        return this.#endDrain(looked);
    }
  }

  async #drop(looked: Looked): Promise<void> {
    const { record } = looked.reading;
    const successor = record?.successor;
    if (record === undefined || successor === undefined) return;
    const { generation } = successor;
    await this.#end(looked, { run: successor, said: { kind: 'drop_successor', generation } });
    this.#parts.logger.info({ instance: record.instance, generation }, 'the next generation is not wanted any more');
  }

  /** Edges are told first, so that they move what is left while it still runs. */
  async #endDrain(looked: Looked): Promise<void> {
    const { reconciler, logger } = this.#parts;
    const { record, instance } = looked.reading;
    const draining = record?.draining;
    if (draining === undefined) return;
    const { generation } = draining;
    if (!draining.over) {
      const told = await reconciler.commands.applyTo(looked.reading, { kind: 'end_drain', generation });
      if (!told.applied) return;
    }
    await this.#end(looked, { run: draining, said: { kind: 'drained', generation } });
    logger.info({ instance, generation }, 'the generation before has ended');
  }

  /** Ends a run beside the one that serves, for as long as the watch is ours, and says so once nothing of it is left. */
  async #end(
    { reading, subject }: Looked,
    of: {
      run: Parameters<ReplacerParts['runs']['end']>[1];
      said: { kind: 'drained' | 'drop_successor'; generation: number };
    },
  ): Promise<void> {
    const { broker, owner, logger, runs, reconciler } = this.#parts;
    const { record, instance } = reading;
    if (record === undefined) return;
    await using keeper = new LeaseKeeper({
      ...{ ledger: broker.ledger, owner, instance, epoch: record.epoch, logger },
      since: performance.now(),
      onRenewed: () => undefined,
    });
    if (!(await keeper.confirmed())) return;
    const ended = await runs.end(record, of.run, subject, keeper.lost);
    if (ended && keeper.trusted()) await reconciler.commands.apply(instance, of.said);
  }
}
