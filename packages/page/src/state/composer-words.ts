import type { Stage } from './page-state.ts';

/** What happens to a message that is sent now. */
export function composerWords(stage: Stage): string {
  switch (stage) {
    case 'connecting':
    case 'waiting':
      return 'You can already send: it is kept and delivered when everything is ready.';
    case 'ready':
      return 'Enter sends, Shift+Enter begins a new line. Text files can be dropped anywhere; a JSON object is sent as it is.';
    case 'failed':
      return 'Sending is possible again once the service has been started.';
    case 'over':
      return 'Sending is possible again once you are connected.';
  }
}
