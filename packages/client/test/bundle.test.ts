import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const src = new URL('../src/', import.meta.url);

describe('what a browser gets', () => {
  it('imports nothing at run time but the close codes, which import nothing', () => {
    const files = readdirSync(src).filter((file) => file.endsWith('.ts'));
    expect(files.length).toBeGreaterThan(10);
    const imported = files.flatMap((file) => runtimeImports(readFileSync(new URL(file, src), 'utf8')));
    expect(new Set(imported.filter((from) => !from.startsWith('./')))).toEqual(
      new Set(['@reveille/contracts/close-code']),
    );
    expect(imported.filter((from) => from.startsWith('./react/'))).toEqual([]);
    const closeCode = readFileSync(new URL('../../contracts/src/close-code.ts', import.meta.url), 'utf8');
    expect(runtimeImports(closeCode)).toEqual([]);
  });
});

/** Everything that is left after the types are erased. */
function runtimeImports(source: string): string[] {
  return [...source.matchAll(/^(?:import|export) (?!type )[^;]*?from '([^']+)'/gm)].map((match) => match[1] ?? '');
}
