import type { GrantedMessages, MessageRate, MessageRates } from '@reveille/orchestration';
import type { MemoryProcess } from './memory-process.ts';
import type { MemoryStore, MessageWindow } from './memory-store.ts';

const windowMs = 1000;

export class MemoryMessageRates implements MessageRates {
  readonly #store: MemoryStore;
  readonly #process: MemoryProcess;
  /** For as long as the store cannot be reached. */
  readonly #own = new Map<string, MessageWindow>();

  constructor(store: MemoryStore, process: MemoryProcess) {
    this.#store = store;
    this.#process = process;
  }

  async take(of: MessageRate, messages: number): Promise<GrantedMessages> {
    try {
      return await this.#process.run(() => this.#count(this.#store.messageRates, of, messages));
    } catch {
      // As the insurance limiter of the one on Redis.
      return this.#count(this.#own, of, messages);
    }
  }

  #count(
    windows: Map<string, MessageWindow>,
    { entrypoint, user, limit }: MessageRate,
    messages: number,
  ): GrantedMessages {
    const now = this.#store.clock.now();
    const key = `${entrypoint}:${user}`;
    const known = windows.get(key);
    const window = known !== undefined && known.until > now ? known : { said: 0, until: now + windowMs };
    windows.set(key, window);
    const granted = Math.max(0, Math.min(messages, limit - window.said));
    window.said += messages;
    return { granted, resetMs: window.until - now };
  }
}
