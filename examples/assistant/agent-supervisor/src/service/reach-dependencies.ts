import { report } from '@reveille/service-kit';
import { withSpan, type Context } from '@reveille/telemetry';
import { checkThreads } from '../threads/thread-client.ts';
import { TOOL_NAMES } from '../tools/tool-names.ts';
import { ToolSession } from '../tools/tool-session.ts';

/** How long both may take together. */
const REACH_TIMEOUT_MS = 15_000;

/**
 * Reaches what every run needs, for real: lists the tools in a session of the MCP server, and lets the thread service ask its database.
 * @throws RunFailure or Error that says what could not be reached
 */
export async function reachDependencies(of: { toolsUrl: string; threadsUrl: string }, parent: Context): Promise<void> {
  const signal = AbortSignal.timeout(REACH_TIMEOUT_MS);
  // Progress is not awaited: it must not slow down what it tells of. The kit sends the latest and never rejects.
  void report({ phase: 'connecting tools', detail: `${TOOL_NAMES.length} analysis tools and the conversations` });
  await withSpan('reach dependencies', { parent }, () =>
    Promise.all([reachTools(of.toolsUrl, signal), checkThreads(of.threadsUrl, signal)]),
  );
}

async function reachTools(url: string, signal: AbortSignal): Promise<void> {
  await using session = await ToolSession.open(url, signal);
  await session.describe(signal);
}
