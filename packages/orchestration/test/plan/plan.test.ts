import { instanceKeyOf, parseInstanceKey, type ServiceName } from '@reveille/contracts';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { instanceFor, levels, type Plan, planOf, planOfService } from '../../src/plan/index.ts';
import { acyclic, catalogOf, keys, tenantless, who } from './catalogs.ts';

const assistant = catalogOf(
  {
    tool_classes: { name: 'AI tool configuration' },
    agent_supervisor: { scope: 'tenant', dependsOn: ['tool_classes', 'thread_service'] },
    thread_service: {},
    bridge: { scope: 'user', dependsOn: ['agent_supervisor', { service: 'thread_service', onChange: 'keep' }] },
    other: {},
  },
  { chat: { service: 'bridge' } },
);

describe('the plan of an entrypoint', () => {
  test('holds what the service needs and nothing else, dependencies first', () => {
    const plan = made(planOf(assistant, 'chat', keys, who));
    expect(plan.instances.map((each) => each.service)).toEqual([
      'tool_classes',
      'thread_service',
      'agent_supervisor',
      'bridge',
    ]);
    expect(plan).toMatchObject({ entrypoint: 'chat', target: `bridge~${keys.user}` });
  });

  test('gives each service the instance of its own scope', () => {
    const [tools, , supervisor, bridge] = made(planOf(assistant, 'chat', keys, who)).instances;
    expect(tools).toMatchObject({ scope: { kind: 'global' }, scopeKey: 'global', name: 'AI tool configuration' });
    expect(supervisor).toMatchObject({
      scope: { kind: 'tenant', tenant: 'acme' },
      scopeKey: keys.tenant,
      name: 'Agent supervisor',
    });
    expect(bridge).toMatchObject({
      scope: { kind: 'user', tenant: 'acme', user: 'ada' },
      instance: `bridge~${keys.user}`,
    });
    expect(bridge?.dependencies).toEqual([`agent_supervisor~${keys.tenant}`, 'thread_service~global']);
  });

  test('is arranged in levels that can be started one after the other', () => {
    const rows = levels(made(planOf(assistant, 'chat', keys, who)));
    expect(rows.map((row) => row.map((each) => each.service))).toEqual([
      ['tool_classes', 'thread_service'],
      ['agent_supervisor'],
      ['bridge'],
    ]);
  });

  test('is refused with the known names when there is no such entrypoint', () => {
    expect(planOf(assistant, 'chatt', keys, who)).toEqual({ refused: 'unknown_entrypoint', known: ['chat'] });
    expect(planOf(assistant, 'constructor', keys, who)).toEqual({ refused: 'unknown_entrypoint', known: ['chat'] });
  });

  test('is refused for a user without tenant when a tenant has its own copy of something needed', () => {
    const refusal = { refused: 'tenant_required', service: 'agent_supervisor' };
    expect(planOf(assistant, 'chat', tenantless, { user: 'ada' })).toEqual(refusal);
    expect(planOf(assistant, 'chat', keys, { user: 'ada' })).toEqual(refusal);
  });

  test('serves a user without tenant where nothing belongs to a tenant', () => {
    const plan = made(planOfService(assistant, 'thread_service', tenantless, { user: 'ada' }));
    expect(plan.instances.map((each) => each.instance)).toEqual(['thread_service~global']);
    expect(plan).not.toHaveProperty('entrypoint');
  });

  test('throws on a catalog that was never checked', () => {
    const circular = catalogOf({ a: { dependsOn: ['b'] }, b: { dependsOn: ['a'] }, c: { dependsOn: ['gone'] } });
    expect(() => planOfService(circular, 'a', keys, who)).toThrow('a → b → a');
    expect(() => planOfService(circular, 'c', keys, who)).toThrow('gone, which is not declared');
  });
});

describe('one instance', () => {
  test('is named by service and scope', () => {
    expect(instanceFor(assistant, 'bridge', keys, who)).toMatchObject({
      instance: `bridge~${keys.user}`,
      service: 'bridge',
    });
  });

  test('is refused with the known names when there is no such service, whatever objects inherit', () => {
    for (const name of ['brdge', 'constructor', '__proto__', 'toString'])
      expect(instanceFor(assistant, name, keys, who)).toMatchObject({ refused: 'unknown_service' });
  });
});

describe('any catalog without circles', () => {
  test('gives a plan that is closed, ordered, minimal and the same each time', () => {
    fc.assert(
      fc.property(acyclic, fc.nat(), (catalog, pick) => {
        const names = Object.keys(catalog.services) as ServiceName[];
        const target = names[pick % names.length] as ServiceName;
        const plan = made(planOfService(catalog, target, keys, who));
        expect(made(planOfService(catalog, target, keys, who))).toEqual(plan);

        const planned = plan.instances.map((each) => each.instance);
        expect(new Set(planned).size).toBe(planned.length);
        expect(new Set(planned)).toEqual(reachable(target));
        expect(planned.at(-1)).toBe(plan.target);
        for (const [index, { instance, dependencies, level }] of plan.instances.entries()) {
          const { service } = parseInstanceKey(instance);
          expect(dependencies).toEqual(
            catalog.services[service]?.dependsOn.map((need) => instanceKeyOf(need.service, keys.global)),
          );
          const before = plan.instances.slice(0, index);
          const needed = dependencies.map((key) => before.find((each) => each.instance === key)?.level ?? Number.NaN);
          expect(level).toBe(Math.max(-1, ...needed) + 1);
        }

        function reachable(from: ServiceName): Set<string> {
          const needs = catalog.services[from]?.dependsOn.map((need) => need.service) ?? [];
          return new Set([instanceKeyOf(from, keys.global), ...needs.flatMap((need) => [...reachable(need)])]);
        }
      }),
    );
  });
});

function made<P extends Plan>(plan: P | { refused: string }): P {
  if ('refused' in plan) throw new Error(`refused: ${plan.refused}`);
  return plan;
}
