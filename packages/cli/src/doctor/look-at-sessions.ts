import { type RedisSurvey, type SessionsPlace, sessionsPlaceOf, surveyRedis } from '@reveille/broker';
import { ConfigError } from '@reveille/lifecycle';
import { BrokerUnavailable } from '@reveille/orchestration';
import { fault, type Finding } from './finding.ts';
import { judgeNode } from './judge-node.ts';
import { judgeKept } from './judge-use.ts';

const what = 'Redis of the sessions';

/** What is to be said about kept sessions, and about their Redis where they have one of their own. `main`: of everything else. */
export async function lookAtSessions(
  main: RedisSurvey,
  namespace: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<Finding[]> {
  try {
    const place = sessionsPlaceOf(env);
    const own = await ownOf(place, namespace);
    const kept = (own ?? main).use?.kept;
    return [
      ...(own?.nodes.flatMap((node) => judgeNode(node, own.kind)) ?? []),
      ...(kept === undefined || place.bytes === undefined ? [] : judgeKept(kept, place.bytes)),
    ];
  } catch (error) {
    if (error instanceof ConfigError) return [fault(what, error.report)];
    if (error instanceof TypeError) return [fault(what, error.message)];
    if (!(error instanceof BrokerUnavailable)) throw error;
    const words = `${error.message}\nNo edge starts without it; those that run keep nothing, so that a lost connection begins anew.`;
    return [fault(what, words)];
  }
}

async function ownOf({ url, access }: SessionsPlace, namespace: string | undefined): Promise<RedisSurvey | undefined> {
  return url === undefined ? undefined : surveyRedis(url, { ...access, namespace });
}
