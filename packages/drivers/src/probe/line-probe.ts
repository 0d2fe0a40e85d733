import type { Running } from '@reveille/orchestration';

/** Compiles the pattern of a log probe. Lines are bounded (`LOG_LINE_BYTES`); an engine should bound its time too. */
export type CompileRegex = (pattern: string) => (text: string) => boolean;

export const builtInRegex: CompileRegex = (pattern) => {
  const regex = new RegExp(pattern);
  return (text) => regex.test(text);
};

/** Resolves with the first line, old or new, that matches. */
export function matchingLine(
  running: Running,
  matches: (text: string) => boolean,
  signal: AbortSignal,
): Promise<string> {
  return new Promise((resolve) => {
    const stop = running.onLine((line) => {
      if (matches(line)) found(line);
    });
    const found = (line: string): void => {
      stop();
      resolve(line);
    };
    signal.addEventListener('abort', () => stop(), { once: true });
    const written = running.logs().find(matches);
    if (written !== undefined) found(written);
  });
}
