import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Drawn, layoutPlan, levelsOf } from '../../src/state/plan-layout.ts';

const services: Drawn[] = [
  { service: 'tools', dependsOn: [] },
  { service: 'threads', dependsOn: [] },
  { service: 'agents', dependsOn: ['tools', 'threads'] },
  { service: 'chat', dependsOn: ['agents'] },
];

/** Any plan in which dependencies come first. */
const plans = fc.array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 12 }).map((needs) =>
  needs.map((numbers, at) => ({
    service: `s${at}`,
    dependsOn: at === 0 ? [] : [...new Set(numbers.map((number) => `s${number % at}`))],
  })),
);

test('a service stands one level after the last that it needs', () => {
  expect(Object.fromEntries(levelsOf(services))).toEqual({ tools: 0, threads: 0, agents: 1, chat: 2 });
});

test('levels stand from left to right where there is room, one below the other where there is none', () => {
  const wide = layoutPlan(services, 900);
  const x = Object.fromEntries(wide.boxes.map((box) => [box.service, box.x]));
  expect(x['tools']).toBe(x['threads']);
  expect(x['agents']).toBeGreaterThan(x['tools'] ?? 0);
  expect(x['chat']).toBeGreaterThan(x['agents'] ?? 0);
  const narrow = layoutPlan(services, 300);
  expect(new Set(narrow.boxes.map((box) => box.x)).size).toBe(1);
  expect(narrow.arrows.map(({ from, to }) => `${from} ${to}`)).toEqual([
    'tools agents',
    'threads agents',
    'agents chat',
  ]);
});

test('whatever the plan: every service has a place, none on another, all inside the drawing and its width', () => {
  fc.assert(
    fc.property(plans, fc.integer({ min: 300, max: 2000 }), (plan, width) => {
      const { boxes, arrows, ...drawing } = layoutPlan(plan, width);
      expect(boxes.map((box) => box.service).toSorted()).toEqual(plan.map((one) => one.service).toSorted());
      expect(arrows).toHaveLength(plan.reduce((sum, one) => sum + one.dependsOn.length, 0));
      expect(drawing.width).toBeLessThanOrEqual(width);
      for (const one of boxes) {
        expect(one.x + one.width).toBeLessThanOrEqual(drawing.width);
        expect(one.y + one.height).toBeLessThanOrEqual(drawing.height + 0.001);
        for (const other of boxes) {
          if (other === one) continue;
          const apart =
            one.x + one.width <= other.x ||
            other.x + other.width <= one.x ||
            one.y + one.height <= other.y ||
            other.y + other.height <= one.y;
          expect(apart).toBe(true);
        }
      }
    }),
  );
});
