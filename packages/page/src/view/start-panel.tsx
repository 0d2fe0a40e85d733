import type { PageState } from '../state/page-state.ts';
import { stageOf } from '../state/page-state.ts';
import { durationWords } from '../state/amounts.ts';
import { endingOf } from '../state/ending.ts';
import { FailurePanel } from './failure-panel.tsx';
import { ConnectingPanel } from './connecting-panel.tsx';
import { PlanGraph } from './plan-graph.tsx';
import { WaitingPanel } from './waiting-panel.tsx';

/** What stands between the user and the service, above the conversation. */
export function StartPanel(props: {
  state: PageState;
  onRetry: () => void;
  onCancel: () => void;
  onConnect: () => void;
}) {
  const { state, onRetry, onCancel, onConnect } = props;
  const { start, link } = state;
  switch (stageOf(state)) {
    case 'connecting':
      return <ConnectingPanel />;
    case 'waiting':
      return start === undefined ? null : <WaitingPanel start={start} onCancel={onCancel} />;
    case 'failed':
      return start?.outcome.is !== 'failed' ? null : (
        <FailurePanel start={start} outcome={start.outcome} link={link} onRetry={onRetry} onConnect={onConnect} />
      );
    case 'over': {
      const ending = link.at === 'over' ? endingOf(link.code, link.reason) : { title: '', advice: '' };
      return (
        <section class="panel failure" aria-labelledby="ending-title">
          <h2 id="ending-title">{ending.title}</h2>
          <p>{ending.advice}</p>
          <p class="actions">
            <button type="button" class="primary" onClick={onConnect}>
              Connect again
            </button>
          </p>
        </section>
      );
    }
    case 'ready':
      return (
        start?.outcome.is === 'completed' && (
          <details class="panel summary">
            <summary>
              Ready. {start.services.length === 1 ? '1 service' : `${start.services.length} services`} took{' '}
              {durationWords(start.outcome.elapsedMs)} to start.
            </summary>
            <PlanGraph services={start.services} now={0} />
          </details>
        )
      );
  }
}
