import { type InstanceKey, startJob, type StartJob, urgency } from '@reveille/contracts';
import type { AdmissionLimits } from '@reveille/orchestration';
import type { Keys } from '../key/keys.ts';
import type { Link } from '../redis/link.ts';
import type { Script } from '../redis/script.ts';
import { enterScript, withdrawScript } from './script/enter.ts';
import { nextScript, releaseScript, renewScript } from './script/next.ts';
import { positionsScript } from './script/positions.ts';
import type { NextTurn, Turns } from './turns.ts';

/** Instances whose position is asked for in one script. */
const positionsBound = 200;

/** The line on Redis. Each call is one script in the slot of the namespace, where the queues are too. */
export class RedisTurns implements Turns {
  readonly #link: Link;
  readonly #keys: Keys;

  constructor(link: Link, keys: Keys) {
    this.#link = link;
    this.#keys = keys;
  }

  async enter(job: StartJob, limits: AdmissionLimits): Promise<void> {
    await this.#run(enterScript, limits, entryOf(job));
  }

  async next({ owner, ttlMs, limits, offer, done }: NextTurn): Promise<StartJob | undefined> {
    const allowanceMs = this.#link.parts.of(this.#keys.line()[0]).allowanceMs();
    const over = done === undefined ? ['', ''] : [done.instance, startOf(done)];
    const args = [limits.pool ?? 0, owner, ttlMs, allowanceMs, ...over, ...(offer === undefined ? [] : entryOf(offer))];
    const text = (await this.#run(nextScript, limits, args)) as string;
    return text === '' ? undefined : startJob.parse(JSON.parse(text));
  }

  async renew(jobs: readonly StartJob[], { owner, ttlMs }: { owner: string; ttlMs: number }): Promise<void> {
    const starts = jobs.flatMap((job) => [job.instance, startOf(job)]);
    await this.#run(renewScript, {}, [owner, ttlMs, ...starts]);
  }

  async release(job: StartJob, { owner, limits }: { owner: string; limits: AdmissionLimits }): Promise<void> {
    await this.#run(releaseScript, limits, [owner, job.instance, startOf(job)]);
  }

  async withdraw(instance: InstanceKey, generation: number, limits: AdmissionLimits): Promise<void> {
    await this.#run(withdrawScript, limits, [instance, generation]);
  }

  async positions(instances: readonly InstanceKey[]): Promise<Map<InstanceKey, number>> {
    const pages = Array.from({ length: Math.ceil(instances.length / positionsBound) }, (_, page) =>
      instances.slice(page * positionsBound, (page + 1) * positionsBound),
    );
    const keys = this.#keys.line().slice(0, 2);
    const found = await Promise.all(
      pages.map((page) => this.#link.script(positionsScript, keys, [this.#keys.root, ...page])),
    );
    const numbers = (found as number[][]).flat();
    return new Map(
      instances.flatMap((instance, index) => {
        const position = numbers[index] ?? 0;
        return position > 0 ? [[instance, position] as const] : [];
      }),
    );
  }

  #run(script: Script, { perTenant = 0 }: AdmissionLimits, args: readonly (string | number)[]): Promise<unknown> {
    return this.#link.script(script, this.#keys.line(), [this.#keys.root, perTenant, ...args]);
  }
}

function startOf({ generation, attempt }: StartJob): string {
  return `${generation}.${attempt}`;
}

function entryOf(job: StartJob): (string | number)[] {
  return [job.instance, startOf(job), job.lane, urgency.options.indexOf(job.urgency), JSON.stringify(job)];
}
