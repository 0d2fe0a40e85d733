import type { Blame } from './blame.ts';
import type { Explanation } from './explanation.ts';

/** The one sentence that names the cause. @param seconds writes milliseconds for people */
export function sentenceOf(explanation: Explanation, seconds: (ms: number) => string): string {
  const { totalMs, blame, chain, outcome } = explanation;
  const [first] = blame;
  const what = capital(explanation.entrypoint);
  if (first === undefined) return `${what} took ${seconds(totalMs)}: everything was ready.`;
  const begin = beginning(explanation, what, seconds);
  const only = chain.length === 1 || first.ms === totalMs;
  const share = only ? 'all of that was' : `${seconds(first.ms)} of that was`;
  const cause = `${share} ${first.name} ${doing(first)}`;
  if (outcome !== 'failed') return `${begin}; ${cause}.`;
  return `${begin}${reasonOf(explanation)}; ${cause}.`;
}

/** Users may be told of something else than what became of a service later. */
function reasonOf({ services, code }: Explanation): string {
  const failed = services.find(({ failure }) => failure !== undefined && (code === undefined || failure.code === code));
  if (failed?.failure !== undefined) return `: ${failed.name} failed (${failed.failure.code})`;
  return code === undefined ? '' : ` (${code})`;
}

function beginning({ outcome, totalMs }: Explanation, what: string, seconds: (ms: number) => string): string {
  switch (outcome) {
    case 'ready':
      return `${what} took ${seconds(totalMs)}`;
    case 'failed':
      return `${what} failed after ${seconds(totalMs)}`;
    case 'left':
      return `Everybody who waited for ${what} had left after ${seconds(totalMs)}`;
    case 'under_way':
      return `${what} is not ready after ${seconds(totalMs)}`;
  }
}

/** What a service did in a phase, as it is said after its name. */
export function doing({ kind, label, detail, attempt }: Pick<Blame, 'kind' | 'label' | 'detail' | 'attempt'>): string {
  // What is queued has made so many attempts, and waits for the next one.
  const which = kind === 'queued' ? attempt + 1 : attempt;
  const again = which > 1 ? ` (attempt ${which})` : '';
  switch (kind) {
    case 'waiting':
      return `waiting for ${detail ?? 'what it needs'}`;
    case 'queued':
      return `waiting for its turn to start${detail === undefined ? '' : `, ${detail}`}${again}`;
    case 'backoff':
      return 'waiting to be tried again after a failed attempt';
    case 'starting':
      return `${driverWords[label] ?? 'being started'}${again}`;
    case 'reported':
      return `${reportedWords(label, detail)}${again}`;
    case 'probing':
      return `running without being ready yet${again}`;
    case 'connecting':
      return 'opening the connection of the user';
    case 'unattributed':
      return `doing nothing that a phase explains (${label})`;
  }
}

const driverWords: Readonly<Record<string, string>> = {
  pulling: 'having its image pulled',
  scheduling: 'waiting for a place to run',
};

const isDoing = /^[a-z]+ing\b/;

/** "opening its database" where the service says so, else the name of its phase. */
function reportedWords(label: string, detail: string | undefined): string {
  const more = detail === undefined ? '' : ` (${detail})`;
  if (detail !== undefined && isDoing.test(detail)) return detail;
  const phase = label.replaceAll('_', ' ');
  return isDoing.test(phase) ? `${phase}${more}` : `in its phase "${phase}"${more}`;
}

function capital(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}
