import { entriesOf, type HistoryEntry } from '../entry.ts';
import { hashOf } from '../hash.ts';
import { framesOf, socketsIn, type SocketStory } from '../sockets.ts';

/** What a user hears was said to that user, and what a user is shown is shared or of that user's own scope. */
export function isolated(history: readonly HistoryEntry[]): string[] {
  const emits = Map.groupBy(entriesOf(history, 'emit'), ({ generation, hash }) => `${generation} ${hash}`);
  const scopes = new Map(entriesOf(history, 'start').map((run) => [`${run.service} ${run.generation}`, run]));
  return socketsIn(history).flatMap((story) => [
    ...framesOf(story, 'message').flatMap(({ frame }) => {
      const said = emits.get(`${frame.origin.generation} ${hashOf(frame.data)}`) ?? [];
      if (said.length === 0 || said.some(({ of }) => of.user === story.user && of.tenant === story.tenant)) return [];
      return [`${story.socket} of ${story.user} got message ${frame.seq}, which was said to ${said[0]?.of.user}`];
    }),
    ...framesOf(story, 'service_initializing', 'service_completed', 'service_failed').flatMap(({ frame }) => {
      const run = scopes.get(`${frame.service} ${frame.generation}`);
      return run === undefined || isOwn(run, story)
        ? []
        : [`${story.socket} of ${story.user} was shown ${frame.service} of ${run.user ?? run.tenant}`];
    }),
  ]);
}

function isOwn(run: { user?: string; tenant?: string }, { user, tenant }: SocketStory): boolean {
  return (run.user === undefined || run.user === user) && (run.tenant === undefined || run.tenant === tenant);
}
