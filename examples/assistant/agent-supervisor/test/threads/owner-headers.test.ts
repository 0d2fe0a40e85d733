import { describe, expect, it } from 'vitest';
import { ownerHeaders } from '../../src/threads/owner-headers.ts';

describe('the headers that name an owner', () => {
  it('can carry every name, each its own', () => {
    const names = [
      'ann',
      'Ann',
      'änn',
      '安',
      'a b',
      'a%20b',
      'x'.repeat(256),
      `${'x'.repeat(255)}y`,
      '安'.repeat(100),
      'sha256:00',
    ];
    const users = names.map((user) => ownerHeaders({ tenant: '', user })['x-reveille-user']);
    expect(new Set(users).size).toBe(names.length);
    for (const user of users) {
      expect(() => new Headers({ user: String(user) })).not.toThrow();
      expect(user?.length).toBeLessThanOrEqual(300);
    }
  });

  it('keep an absent tenant empty', () => {
    expect(ownerHeaders({ tenant: '', user: 'ann' })).toEqual({ 'x-reveille-tenant': '', 'x-reveille-user': 'ann' });
  });
});
