import { parseCatalog } from '@reveille/catalog';
import { scopeKeysOf } from '@reveille/contracts';
import { type Plan, planOfService } from '@reveille/orchestration';

const common = `start: { docker: { image: x } }, ready: { log: { pattern: ready } }, live: { tcp: {}, everyMs: 86400000 }, deadlineMs: 6000, retry: { attempts: 3, backoffMs: 50 }, cooldownMs: 3000, stop: { graceMs: 500 }, idle: { stopAfterMs: 2000 }`;
/** Of `desk` each user has one, and so many may run. */
export const deskLimit = 2;
/** `app` needs both others, `tools` needs `db`, and so does the desk of each user. */
export const loaded = parseCatalog(
  `version: 1
services:
  db: { ${common} }
  tools: { ${common.replace('attempts: 3', 'attempts: 1')}, dependsOn: [db] }
  app: { ${common}, dependsOn: [db, { service: tools, onChange: keep }] }
  desk: { ${common}, scope: user, limits: { instances: ${deskLimit} }, dependsOn: [{ service: db, onChange: keep }] }
entrypoints: {}
`,
  '/simulation/reveille.yaml',
);
const users = await Promise.all(
  ['ada', 'bob', 'eve', 'kim'].map(async (user) => ({ user, keys: await scopeKeysOf({ user }) })),
);
const plansOf = (service: string, who: readonly (typeof users)[number][]): Plan[] =>
  who.map(({ user, keys }) => {
    const plan = planOfService(loaded.catalog, service, keys, { user });
    if ('refused' in plan) throw new Error(plan.refused);
    return plan;
  });
/** What users may want. */
export const plans: readonly Plan[] = [
  ...['db', 'tools', 'app', 'app'].flatMap((service) => plansOf(service, users.slice(0, 1))),
  ...plansOf('desk', users),
];
