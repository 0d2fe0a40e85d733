/** What a service reported about itself (`POST $REVEILLE_REPORT_URL`). */
export interface ReportSource {
  /** The last report of being ready, if there was one. */
  ready(): { endpoint?: string } | undefined;
  /** Calls `fn` at each report of being ready from now on. Returns what ends that. */
  onReady(fn: () => void): () => void;
}

/** The first answer of `read`, asked now and at each report of being ready. */
export function atReport<T>(reports: ReportSource, read: () => T | undefined, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const ask = (): void => {
      try {
        const answer = read();
        if (answer === undefined) return;
        stop();
        resolve(answer);
      } catch (error) {
        stop();
        reject(error as Error);
      }
    };
    const stop = reports.onReady(ask);
    signal.addEventListener('abort', stop, { once: true });
    ask();
  });
}
