/** Says that something takes longer than usual: once after the usual time, then again and again until stopped. */
export class SlowWarning {
  #timer: NodeJS.Timeout | undefined;

  start(afterMs: number, everyMs: number, say: () => void): void {
    this.stop();
    const warn = (): void => {
      say();
      this.#timer = setTimeout(warn, everyMs);
    };
    this.#timer = setTimeout(warn, Math.max(0, afterMs));
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
