import { parseCatalog } from '@reveille/catalog';
import { scopeKeysOf } from '@reveille/contracts';
import { type Plan, planOfService } from '@reveille/orchestration';

const common = `start: { docker: { image: x } }, ready: { log: { pattern: ready } }, live: { tcp: {}, everyMs: 86400000 }, deadlineMs: 6000, retry: { attempts: 3, backoffMs: 50 }, cooldownMs: 3000, stop: { graceMs: 500 }, idle: { stopAfterMs: 2000 }`;
/** Of `desk` each user has one, and so many may run. */
export const deskLimit = 2;
/** `app` needs both others, `tools` needs `db`, and so does the desk of each user. */
const versionOf = (image: string) =>
  parseCatalog(
    `version: 1
services:
  db: { ${common.replace('image: x', `image: ${image}`)}, update: rolling, drainMs: 3000 }
  tools: { ${common.replace('attempts: 3', 'attempts: 1')}, dependsOn: [db] }
  app: { ${common.replace('image: x', `image: ${image}`).replace('attempts: 3', 'attempts: 1')}, update: rolling, drainMs: 1500, dependsOn: [db, { service: tools, onChange: keep }] }
  desk: { ${common}, scope: user, limits: { instances: ${deskLimit} }, dependsOn: [{ service: db, onChange: keep }] }
entrypoints: {}
`,
    '/simulation/reveille.yaml',
  );
/** The catalog at first, and the one that it is changed to and back: of `db` and `app` there is another version in it. */
export const catalogs = [versionOf('x'), versionOf('y')] as const;
const [loaded] = catalogs;
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
