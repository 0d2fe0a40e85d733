import { type PageState, stageOf } from './page-state.ts';
import { progressOf } from './start.ts';

/** The title of the tab: how it stands, for somebody who looks elsewhere meanwhile. */
export function titleOf(state: PageState, name: string): string {
  switch (stageOf(state)) {
    case 'connecting':
      return `${name} – Reveille`;
    case 'waiting': {
      const { ready, total } = state.start === undefined ? { ready: 0, total: 0 } : progressOf(state.start);
      return `Starting (${ready} of ${total}) – ${name}`;
    }
    case 'ready':
      return `${name} – ready`;
    case 'failed':
      return `Failed – ${name}`;
    case 'over':
      return `Disconnected – ${name}`;
  }
}
