import type { SurveyOfRedis } from '@reveille/admin';
import { fault, type Finding, ok, warning } from './finding.ts';

/** Memory in use above which there is a word about it, and above which it is a fault: shares of `maxmemory`. */
const fullAt = { warning: 0.75, fault: 0.95 };
/** Clocks that differ by more are worth a word (ms). */
const clockMs = 1000;
const mib = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(0)} MiB`;
const mend = (...settings: string[]): string =>
  `Mend it with: ${settings.map((setting) => `redis-cli CONFIG SET ${setting}`).join(' && ')} (and the same in redis.conf)`;

type NodeFacts = SurveyOfRedis['nodes'][number];

/** What is dangerous about one server, in words. */
export function judgeNode(node: NodeFacts, kind: SurveyOfRedis['kind']): Finding[] {
  const what = (about: string): string => `Redis ${node.address}, ${about}`;
  return [
    ...version(node, what('version')),
    ...eviction(node, what('eviction')),
    ...persistence(node, what('persistence')),
    ...memory(node, what('memory')),
    ...replicas(node, kind, what('replicas')),
    ...databases(node, what('databases')),
    ...clock(node, what('clock')),
  ];
}

function version({ version: text }: NodeFacts, what: string): Finding[] {
  const [major = 0, minor = 0] = text.split('.').map(Number);
  if (major > 6 || (major === 6 && minor >= 2)) return [ok(what, text)];
  return [fault(what, `${text} is too old: edges cannot be told of changes. Install 6.2 or newer.`)];
}

function eviction({ evictionPolicy }: NodeFacts, what: string): Finding[] {
  if (evictionPolicy === undefined || evictionPolicy === 'noeviction') return [];
  const words = `when its memory is full it throws away keys (${evictionPolicy}): records of what runs, and jobs, would vanish without a word.`;
  return [fault(what, `${words}\n${mend('maxmemory-policy noeviction')}`)];
}

function persistence({ hasAof, diskIsWell, appendfsync, save }: NodeFacts, what: string): Finding[] {
  if (!diskIsWell)
    return [
      fault(
        what,
        'its last write to disk failed: it refuses writes, or loses them when it restarts.\nMake room on its disk; its log says why.',
      ),
    ];
  if (!hasAof) {
    const lost =
      save === ''
        ? 'nothing is kept on disk: a restart forgets every record, and everything that is needed is started anew.'
        : 'at most snapshots are kept on disk: a restart forgets what happened since the last one, up to minutes.';
    return [warning(what, `${lost}\n${mend('appendonly yes')}`)];
  }
  if (appendfsync === 'no')
    return [
      warning(
        what,
        `its append-only file is written when the system likes (appendfsync no): a crash may lose half a minute.\n${mend('appendfsync everysec')}`,
      ),
    ];
  if (appendfsync === undefined)
    return [ok(what, 'append-only file (this user may not ask for appendfsync: redis-cli CONFIG GET appendfsync)')];
  return [ok(what, `append-only file, appendfsync ${appendfsync}`)];
}

function memory({ usedBytes, maxBytes }: NodeFacts, what: string): Finding[] {
  if (maxBytes === undefined) return [];
  if (maxBytes === 0)
    return [
      warning(
        what,
        `${mib(usedBytes)} in use, without a bound: a leak elsewhere ends with the system killing Redis, not with refused writes.\n${mend('maxmemory 1gb')}`,
      ),
    ];
  const share = usedBytes / maxBytes;
  const words = `${mib(usedBytes)} of ${mib(maxBytes)} in use`;
  if (share < fullAt.warning) return [ok(what, words)];
  const full = `${words}: when it is full, nothing can be started any more.\nFind what fills it with: redis-cli --bigkeys; or raise it: redis-cli CONFIG SET maxmemory …`;
  return [share < fullAt.fault ? warning(what, full) : fault(what, full)];
}

function replicas(node: NodeFacts, kind: SurveyOfRedis['kind'], what: string): Finding[] {
  const { replicas: count, minReplicasToWrite: needed, minReplicasMaxLagS: lag } = node;
  if (count === 0 && kind === 'standalone' && !needed) return [];
  if (needed === undefined)
    return [
      warning(
        what,
        `${count}; this user may not ask whether it needs them to write.\nAsk with: redis-cli CONFIG GET min-replicas-to-write`,
      ),
    ];
  if (count < needed)
    return [
      fault(
        what,
        `${count}, and it needs ${needed} to write: every start is refused now.\nStart a replica, or: redis-cli CONFIG SET min-replicas-to-write ${count}`,
      ),
    ];
  if (needed === 0) {
    if (count === 0)
      return [warning(what, 'none: when this primary dies, nobody takes over. Start one, or better two.')];
    return [
      warning(
        what,
        `${count}, and none is needed to write: a failover loses writes that were acknowledged (266 of 650 in one that was measured).\n${mend('min-replicas-to-write 1', 'min-replicas-max-lag 2')}`,
      ),
    ];
  }
  if (lag !== undefined && lag > 5)
    return [
      warning(
        what,
        `one that is silent for up to ${lag} s still counts as there: so long a failover loses writes.\n${mend('min-replicas-max-lag 2')}`,
      ),
    ];
  if (count === needed)
    return [
      warning(
        what,
        `${count}, and all of them are needed to write: while one is away, also after a failover, nothing can be started. Start one more.`,
      ),
    ];
  return [ok(what, `${count}, of which ${needed} must have a write`)];
}

function databases({ databases: numbers }: NodeFacts, what: string): Finding[] {
  if (numbers.length < 2) return [];
  return [
    warning(
      what,
      `keys are in several (${numbers.join(', ')}): who shares this server can fill its memory, block it, or empty it with FLUSHALL. Give Reveille a Redis of its own.`,
    ),
  ];
}

function clock({ clock: { aheadMs, uncertainMs } }: NodeFacts, what: string): Finding[] {
  const off = Math.abs(aheadMs);
  if (off - uncertainMs <= clockMs) return [ok(what, `within ${off + uncertainMs} ms of this machine's`)];
  const words = `${(off / 1000).toFixed(1)} s ${aheadMs > 0 ? 'ahead of' : 'behind'} this machine's: leases are not hurt (they use that of Redis alone), but times in logs and the expiry of tokens do not agree.`;
  return [warning(what, `${words}\nMend it with: timedatectl set-ntp true, on both.`)];
}
