/** What a listener heard so far, with a way to wait for more. */
export class Inbox<T> {
  readonly all: T[] = [];
  readonly #waiting = new Set<() => void>();

  readonly put = (value: T): void => {
    this.all.push(value);
    for (const look of [...this.#waiting]) look();
  };

  /** Resolves once so many have come. */
  async count(count: number): Promise<T[]> {
    return await this.until((all) => all.length >= count);
  }

  async until(holds: (all: readonly T[]) => boolean): Promise<T[]> {
    const met = Promise.withResolvers<void>();
    const look = (): void => {
      if (holds(this.all)) met.resolve();
    };
    this.#waiting.add(look);
    look();
    await met.promise;
    this.#waiting.delete(look);
    return this.all;
  }
}
