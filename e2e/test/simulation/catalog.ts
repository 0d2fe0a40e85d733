import { parseCatalog } from '@reveille/catalog';
import { type EntrypointName, type ScopeKeys, scopeKeysOf } from '@reveille/contracts';
import { CurrentCatalog } from '@reveille/edge';
import { type Plan, planOf } from '@reveille/orchestration';

const common = `start: { docker: { image: x } }, ready: { log: { pattern: ready } }, live: { tcp: {}, everyMs: 86400000 }, deadlineMs: 6000, retry: { attempts: 3, backoffMs: 50 }, cooldownMs: 3000, stop: { graceMs: 500 }`;
const idle = 'idle: { stopAfterMs: 2000 }';
/** Of `desk` each user has one, and so many may run. */
export const deskLimit = 2;
/** How long an entrypoint lets its users wait, milliseconds. */
export const entrypointDeadlineMs = 20_000;
/** `app` needs `tools` and `db`, and so do the desk of each user and the room of each tenant need `db`. A room speaks no protocol. */
const versionOf = (image: string) =>
  parseCatalog(
    `version: 1
services:
  db: { ${common.replace('image: x', `image: ${image}`)}, ${idle}, update: rolling, drainMs: 3000 }
  tools: { ${common.replace('attempts: 3', 'attempts: 1')}, ${idle}, dependsOn: [db] }
  app: { ${common.replace('image: x', `image: ${image}`).replace('attempts: 3', 'attempts: 1')}, ${idle}, update: rolling, drainMs: 1500, dependsOn: [db, { service: tools, onChange: keep }] }
  desk: { ${common}, idle: { stopAfterMs: 2000, quietAfterMs: 4000 }, scope: user, limits: { instances: ${deskLimit} }, dependsOn: [{ service: db, onChange: keep }] }
  room: { ${common}, ${idle}, scope: tenant, dependsOn: [{ service: db, onChange: keep }] }
entrypoints:
${['app', 'desk', 'room'].map((name) => `  ${name}: { service: ${name}, deadlineMs: ${entrypointDeadlineMs}, resume: { messages: 50 } }`).join('\n')}
`,
    '/simulation/reveille.yaml',
  );
/** The catalog at first, and the one that it is changed to and back: of `db` and `app` there is another version in it. */
export const catalogs = [versionOf('x'), versionOf('y')] as const;
const [loaded] = catalogs;
export const currentCatalogs = [new CurrentCatalog(catalogs[0]), new CurrentCatalog(catalogs[1])] as const;

/** Somebody, and everything that only he and his tenant may see. */
export type Person = { readonly user: string; readonly tenant: string; readonly keys: ScopeKeys };
export const people: readonly Person[] = await Promise.all(
  [
    ['user-ada', 'tenant-acme'],
    ['user-bob', 'tenant-acme'],
    ['user-eve', 'tenant-globex'],
    ['user-kim', 'tenant-globex'],
  ].map(async ([user = '', tenant = '']) => ({ user, tenant, keys: await scopeKeysOf({ user, tenant }) })),
);
export const entrypoints = ['app', 'app', 'desk', 'room'] as const;
export type Entrypoint = (typeof entrypoints)[number];

export function planFor(person: Person, entrypoint: Entrypoint): Plan {
  const plan = planOf(loaded.catalog, entrypoint as EntrypointName, person.keys, person);
  if ('refused' in plan) throw new Error(plan.refused);
  return plan;
}

/** Somebody at an entrypoint, and what he needs there. */
export type Visitor = {
  readonly id: string;
  readonly person: Person;
  readonly entrypoint: Entrypoint;
  readonly plan: Plan;
  /** Whether his client says what it was told is accepted when it comes back: that is optional. */
  readonly saysUnanswered: boolean;
  readonly mayHearUntil: (() => number) | undefined;
};
