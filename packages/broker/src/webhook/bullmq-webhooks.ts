import { type DeadWebhook, type WebhookEvent, webhookEvent } from '@reveille/contracts';
import { deadWebhooksKept, webhookAttempts, type WebhookConsumption, type Webhooks } from '@reveille/orchestration';
import { type Job, type JobsOptions, Queue } from 'bullmq';
import type { Keys } from '../key/keys.ts';
import type { BrokerLogger } from '../logger.ts';
import { Complaints } from '../redis/complaints.ts';
import type { Link } from '../redis/link.ts';
import { script } from '../redis/script.ts';
import { consumeWebhooks } from './consume-webhooks.ts';

export const webhookQueue = 'webhook';
/** Nobody reads BullMQ's events here. */
const eventsLength = 100;
const failingKept = 10_000;
const failingKeptMs = 7 * 24 * 3_600_000;

/** A second, doubled each time, each up to half shorter: the last of eight tries comes about two minutes after the first. */
const options = {
  attempts: webhookAttempts,
  backoff: { type: 'exponential', delay: 1_000, jitter: 0.5 },
  removeOnComplete: true,
  removeOnFail: { count: deadWebhooksKept },
} as const satisfies JobsOptions;

/** KEYS: failing. ARGV: instance, at, kept, keptMs. */
const noteScript = script(`
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -ARGV[3] - 1)
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
`);

/** Webhook events as BullMQ jobs. An event carries no secret and no address: both are settings of the relay that delivers it. */
export class BullmqWebhooks implements Webhooks {
  readonly #link: Link;
  readonly #keys: Keys;
  readonly #logger: BrokerLogger;
  #opened: Promise<Queue<WebhookEvent>> | undefined;

  constructor(link: Link, keys: Keys, logger: BrokerLogger) {
    this.#link = link;
    this.#keys = keys;
    this.#logger = logger;
  }

  async add(event: WebhookEvent): Promise<void> {
    await this.#on((queue) => queue.add(webhookQueue, event, { ...options, jobId: event.id }));
  }

  consume(consumption: WebhookConsumption): Promise<AsyncDisposable> {
    return consumeWebhooks({ link: this.#link, prefix: this.#keys.root, logger: this.#logger, consumption });
  }

  async dead(limit: number): Promise<DeadWebhook[]> {
    const jobs = await this.#on((queue) => queue.getFailed(0, limit - 1));
    return jobs.flatMap((job) => deadOf(job));
  }

  async retry(id: string): Promise<boolean> {
    return this.#on(async (queue) => {
      const job = await queue.getJob(id);
      if (job === undefined || !(await job.isFailed())) return false;
      await job.retry('failed', { resetAttemptsMade: true });
      return true;
    });
  }

  async noteFailed(instance: string, at: number): Promise<void> {
    await this.#link.script(noteScript, [this.#keys.failing()], [instance, at, failingKept, failingKeptMs]);
  }

  async hasFailed(instance: string): Promise<boolean> {
    return (await this.#link.run((client) => client.zscore(this.#keys.failing(), instance))) !== null;
  }

  async forgetFailed(instance: string): Promise<void> {
    await this.#link.run((client) => client.zrem(this.#keys.failing(), instance));
  }

  /** Opened with the first use: most processes have nothing to do with webhooks. */
  async #on<T>(work: (queue: Queue<WebhookEvent>) => Promise<T>): Promise<T> {
    return this.#link.run(async () => {
      this.#opened ??= this.#open();
      this.#opened.catch(() => (this.#opened = undefined));
      return work(await this.#opened);
    });
  }

  async #open(): Promise<Queue<WebhookEvent>> {
    const queue = new Queue<WebhookEvent>(webhookQueue, {
      connection: this.#link.commands,
      prefix: this.#keys.root,
      skipVersionCheck: true,
      streams: { events: { maxLen: eventsLength } },
    });
    const complaints = new Complaints(this.#logger, 'the queue of webhooks has a fault');
    queue.on('error', (error) => complaints.say(error));
    await queue.waitUntilReady();
    return queue;
  }
}

function deadOf(job: Job<WebhookEvent>): DeadWebhook[] {
  const { success, data } = webhookEvent.safeParse(job.data);
  if (!success) return [];
  const error = (job.failedReason ?? '').slice(0, 500);
  return [{ event: data, attempts: job.attemptsMade, error, at: job.finishedOn ?? job.timestamp }];
}
