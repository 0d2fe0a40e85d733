import { styleFor } from '../render/style.ts';

/** One thing that was looked at. A warning may stay; a fault must be mended. `words` say what can happen, and what mends it. */
export type Finding = { what: string; level: 'ok' | 'warning' | 'fault'; words: string };

export const ok = (what: string, words: string): Finding => ({ what, level: 'ok', words });
export const warning = (what: string, words: string): Finding => ({ what, level: 'warning', words });
export const fault = (what: string, words: string): Finding => ({ what, level: 'fault', words });

export function findingText({ what, level, words }: Finding, colours: boolean): string {
  const style = styleFor(colours);
  const mark = { ok: style.green('✔'), warning: style.yellow('!'), fault: style.red('✖') }[level];
  return `${mark} ${what}: ${words.split('\n').join('\n    ')}`;
}
