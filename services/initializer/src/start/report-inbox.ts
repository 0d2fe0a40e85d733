import type { Progress, ServiceReport } from '@reveille/contracts';
import type { ReportSource } from '@reveille/drivers';

/** What a service has reported in this attempt. */
export class ReportInbox implements ReportSource {
  readonly #onProgress: (progress: Progress) => void;
  readonly #listeners = new Set<() => void>();
  #ready: { endpoint?: string } | undefined;
  #heard = false;

  constructor(onProgress: (progress: Progress) => void) {
    this.#onProgress = onProgress;
  }

  take(report: ServiceReport): void {
    if ('ready' in report) {
      this.#ready = report.endpoint === undefined ? {} : { endpoint: report.endpoint };
      for (const listener of this.#listeners) listener();
      return;
    }
    this.#heard = true;
    const { phase, detail, percent } = report;
    this.#onProgress({
      phase,
      ...(detail === undefined ? {} : { detail }),
      ...(percent === undefined ? {} : { percent }),
    });
  }

  ready(): { endpoint?: string } | undefined {
    return this.#ready;
  }

  onReady(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** While a service speaks for itself, probes do not speak over it. */
  silent(): boolean {
    return !this.#heard;
  }
}
