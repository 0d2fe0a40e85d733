import type { ServerFrame } from '@reveille/contracts';

export const progressForms = ['auto', 'tty', 'plain', 'json'] as const;
export type ProgressForm = (typeof progressForms)[number];

/** Shows a waiting user what the frames say, on standard error. Disposing it leaves the last picture. */
export interface Progress extends Disposable {
  hear(frame: ServerFrame): void;
  /** Lets `print` write something of its own, without tearing the picture. */
  around(print: () => void): void;
}
