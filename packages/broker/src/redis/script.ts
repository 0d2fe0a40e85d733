import { createHash } from 'node:crypto';
import type { RedisClient } from './open.ts';

/** A Lua script: all its keys share one hash tag, so that it runs in one slot. */
export type Script = { readonly sha: string; readonly lua: string };

export function script(lua: string): Script {
  return { lua, sha: createHash('sha1').update(lua).digest('hex') };
}

/** Runs a script by its digest and, when Redis does not know it (restart, SCRIPT FLUSH, another node), by its text. */
export async function runScript(
  client: RedisClient,
  { sha, lua }: Script,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  try {
    return await client.evalsha(sha, keys.length, ...keys, ...args);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
    return await client.eval(lua, keys.length, ...keys, ...args);
  }
}
