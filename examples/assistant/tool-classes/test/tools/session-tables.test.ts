import { describe, expect, it } from 'vitest';
import { SessionTables } from '../../src/tools/session-tables.ts';
import { TableTexts } from '../../src/tools/table-texts.ts';
import { hashOf } from '../../src/table/build-table.ts';

const text = (letter: string): { content: string } => ({ content: letter.repeat(10) });

function keep(session: SessionTables, letter: string): { ref: string } {
  const resolved = session.resolve(text(letter));
  if (!resolved.ok) throw new Error(resolved.refusal.message);
  session.keep(resolved.value);
  return { ref: hashOf(letter.repeat(10)) };
}

describe('the texts of tables', () => {
  it('are bounded over all sessions: the least recently used goes first, and is refused by its ref', () => {
    const texts = new TableTexts(30);
    const [ann, bob] = [new SessionTables(texts), new SessionTables(texts)];
    const [a, b] = [keep(ann, 'a'), keep(bob, 'b')];
    keep(bob, 'c');
    expect(ann.resolve(a).ok).toBe(true);
    keep(bob, 'd');
    expect(texts.bytes).toBe(30);
    expect(ann.resolve(a).ok).toBe(true);
    expect(bob.resolve(b)).toMatchObject({ ok: false, refusal: { code: 'unknown_table' } });
  });

  it('end with their session', () => {
    const texts = new TableTexts();
    const session = new SessionTables(texts);
    const ref = keep(session, 'a');
    session[Symbol.dispose]();
    expect(texts.bytes).toBe(0);
    expect(session.resolve(ref).ok).toBe(false);
  });

  it('take another name under the same ref', () => {
    const session = new SessionTables(new TableTexts());
    const ref = keep(session, 'a');
    const renamed = session.resolve({ ...text('a'), name: 'x/y.csv' });
    if (!renamed.ok) throw new Error(renamed.refusal.message);
    session.keep(renamed.value);
    expect(session.resolve(ref)).toMatchObject({ ok: true, value: { name: 'x/y.csv' } });
  });
});
