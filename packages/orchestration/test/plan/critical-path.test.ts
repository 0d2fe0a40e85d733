import type { InstanceKey, ServiceName } from '@reveille/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { criticalPath, type Plan, planOfService } from '../../src/plan/index.ts';
import { acyclic, catalogOf, keys, who } from './catalogs.ts';

const diamond = catalogOf({
  base: {},
  fast: { dependsOn: ['base'] },
  slow: { dependsOn: ['base'] },
  top: { dependsOn: ['fast', 'slow'] },
});

test('the longest way to the target decides when it is ready', () => {
  const times: Record<string, number> = { base: 100, fast: 20, slow: 300, top: 50 };
  const found = criticalPath(planOf(diamond, 'top'), (service) => times[service]);
  expect(found.totalMs).toBe(450);
  expect(found.path).toEqual(['base~global', 'slow~global', 'top~global']);
  expect(Object.fromEntries(found.perService)).toEqual({
    base: { startMs: 0, finishMs: 100 },
    fast: { startMs: 100, finishMs: 120 },
    slow: { startMs: 100, finishMs: 400 },
    top: { startMs: 400, finishMs: 450 },
  });
  expect(found.unknown).toEqual([]);
});

test('a service whose time nobody knows is named, not guessed', () => {
  const found = criticalPath(planOf(diamond, 'top'), (service) => (service === 'slow' ? undefined : 10));
  expect(found.unknown).toEqual(['slow']);
  expect(found.totalMs).toBe(30);
});

test('it is the maximum over all ways, found by trying every one', () => {
  fc.assert(
    fc.property(acyclic, fc.nat(), fc.array(fc.nat(5000), { minLength: 9, maxLength: 9 }), (catalog, pick, times) => {
      const names = Object.keys(catalog.services);
      const plan = planOf(catalog, names[pick % names.length] ?? 's0');
      const takes = (service: string): number => times[Number(service.slice(1))] ?? 0;
      const found = criticalPath(plan, takes);

      const byKey = new Map(plan.instances.map((each) => [each.instance, each]));
      const ways = (key: InstanceKey): InstanceKey[][] => {
        const needs = byKey.get(key)?.dependencies ?? [];
        return needs.length === 0 ? [[key]] : needs.flatMap(ways).map((way) => [...way, key]);
      };
      const length = (way: InstanceKey[]): number =>
        way.reduce((sum, key) => sum + takes(byKey.get(key)?.service ?? ''), 0);
      const all = ways(plan.target);
      expect(found.totalMs).toBe(Math.max(...all.map(length)));
      expect(length(found.path)).toBe(found.totalMs);
      expect(all).toContainEqual(found.path);
      for (const { instance, service } of plan.instances)
        expect(found.perService.get(service)?.finishMs).toBe(Math.max(...ways(instance).map(length)));
    }),
  );
});

function planOf(catalog: Parameters<typeof planOfService>[0], service: string): Plan {
  const plan = planOfService(catalog, service as ServiceName, keys, who);
  if ('refused' in plan) throw new Error(plan.refused);
  return plan;
}
