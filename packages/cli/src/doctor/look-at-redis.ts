import { stuckAmong, type SurveyOfRedis, type SurveyView } from '@reveille/admin';
import { checkRedis, connectBroker, redisAccessOf, surveyRedis } from '@reveille/broker';
import { findRedisServer } from '@reveille/broker/server';
import { ConfigError } from '@reveille/lifecycle';
import { BrokerUnavailable } from '@reveille/orchestration';
import type { LedgerAddress } from '../ledger/open-ledger.ts';
import { readAll } from '../ledger/read-all.ts';
import type { AdminClient } from '../operate/admin-client.ts';
import { fault, type Finding, ok, warning } from './finding.ts';
import { judgeNode } from './judge-node.ts';
import { lookAtSessions } from './look-at-sessions.ts';
import { judgeInstances, judgeMembers, judgeUse } from './judge-use.ts';

const slots = 16_384;

/** Everything that is to be said about Redis. `isAbsent`: nobody answers there. */
export type RedisLook = { findings: Finding[]; isAbsent: boolean };

/** `address`: undefined when nobody says where Redis is, so that `dev` would start one. */
export async function lookAtRedis(address: LedgerAddress | undefined, env: NodeJS.ProcessEnv): Promise<RedisLook> {
  if (address === undefined) return { findings: [localProgram(env)], isAbsent: false };
  try {
    return { findings: await judged(address, env), isAbsent: false };
  } catch (error) {
    if (error instanceof ConfigError) return { findings: [fault('Redis', error.report)], isAbsent: false };
    if (error instanceof TypeError) return { findings: [fault('Redis', error.message)], isAbsent: false };
    if (error instanceof BrokerUnavailable) return { findings: [fault('Redis', error.message)], isAbsent: true };
    throw error;
  }
}

async function judged({ url, namespace }: LedgerAddress, env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const access = redisAccessOf(env, url);
  const survey = await surveyRedis(url, { ...access, namespace });
  const findings = [...judgeRedis(survey), ...(await lookAtSessions(survey, namespace, env))];
  if (survey.use === undefined) return findings;
  // What makes a server unfit is among the findings already, and nobody could be using it.
  if ((await checkRedis(url, access)).length > 0) return findings;
  await using broker = await connectBroker({ ...access, url, namespace, owner: 'reveille-doctor' });
  const [members, readings] = await Promise.all([broker.members.alive(), readAll(broker.ledger)]);
  return [...findings, ...judgeMembers(members, Date.now()), ...judgeInstances(readings.length, stuckAmong(readings))];
}

/** The same over the admin API of a relay: for whoever is let in there and not at Redis. */
export async function lookOverAdmin(admin: AdminClient): Promise<Finding[]> {
  const { at, redis, members, instances, stuck } = await admin.get<SurveyView>('/v1/survey');
  return [...judgeRedis(redis), ...judgeMembers(members, at), ...judgeInstances(instances, stuck)];
}

function judgeRedis({ kind, nodes, coveredSlots, sentinels, use }: SurveyOfRedis): Finding[] {
  return [
    ...(coveredSlots === undefined ? [] : [covered(coveredSlots)]),
    ...(sentinels === undefined ? [] : [judgeSentinels(sentinels)]),
    ...nodes.flatMap((node) => judgeNode(node, kind)),
    ...(use === undefined ? [] : judgeUse(use)),
  ];
}

function judgeSentinels({ is, why = '' }: NonNullable<SurveyOfRedis['sentinels']>): Finding {
  const what = 'Redis Sentinel';
  switch (is) {
    case 'confirmed':
      return ok(what, 'most sentinels hear one another and take this Redis for the primary');
    case 'doubted':
      return fault(
        what,
        `no sentinel confirms this primary: ${why}. Until one does, nothing is stopped for want of users.\nBring the sentinels back, and name all of them in REDIS_URL.`,
      );
    case 'unknown':
      return warning(
        what,
        `its sentinels may not be asked (${why}): a primary that is cut off from the others is not noticed, and what the other side uses may be stopped.\nAllow their user: ACL SETUSER NAME +sentinel|master`,
      );
  }
}

function covered(count: number): Finding {
  if (count === slots) return ok('Redis Cluster', 'every slot is served');
  const words = `${slots - count} of ${slots} slots are served by nobody: a part of all instances cannot be read, started or stopped.`;
  return fault('Redis Cluster', `${words}\nBring their primaries back, or: redis-cli --cluster fix HOST:PORT`);
}

function localProgram(env: NodeJS.ProcessEnv): Finding {
  const program = findRedisServer(env);
  if (program !== undefined) return ok('Redis', `${program.path} ${program.version}, to be started by dev`);
  return fault('Redis', 'REDIS_URL is not set, and no redis-server or valkey-server (6.2 or newer) is on PATH');
}
