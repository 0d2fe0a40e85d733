import { secondsLeft } from '../state/amounts.ts';
import type { ServiceView } from '../state/service-view.ts';
import { serviceFacts, serviceWords } from '../state/service-words.ts';

/** One service: its name, what it is doing, and what is known of how far it is. */
export function PlanNode({ view, now, place }: { view: ServiceView; now: number; place: Record<string, string> }) {
  const words = serviceWords(view);
  const retryAt = view.state === 'queued' ? view.failed?.retryAt : undefined;
  const left = retryAt === undefined ? 0 : secondsLeft(retryAt, now);
  const facts = left > 0 ? [...serviceFacts(view), `in ${left} s`] : serviceFacts(view);
  return (
    <li class={`node is-${view.state}`} style={place}>
      <strong title={view.name}>
        <Mark state={view.state} />
        <span>{view.name}</span>
      </strong>
      <span class="doing" title={words}>
        {words}
      </span>
      {facts.length === 0 && view.percent === undefined ? null : (
        <span class="more">
          {view.percent === undefined ? null : (
            <>
              <progress max={100} value={view.percent} aria-label={`${view.name}: progress of its start`} />
              <b>{Math.round(view.percent)} %</b>
            </>
          )}
          <span>{facts.join(' · ')}</span>
        </span>
      )}
    </li>
  );
}

const drawings: Partial<Record<ServiceView['state'], string>> = {
  ready: 'M4.500 8.500l2.500 2.500 4.500-5.500',
  failed: 'M5.500 5.500l5 5M10.500 5.500l-5 5',
  lost: 'M8 4.500v4.500M8 11.500v.1',
};

/** The state as a shape, so that nobody needs to tell colours apart. The words beside it say the same. */
function Mark({ state }: { state: ServiceView['state'] }) {
  const drawing = drawings[state];
  return (
    <svg class="mark" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <circle cx="8" cy="8" r="6.500" />
      {state === 'starting' ? <path class="turning" d="M8 1.500a6.500 6.500 0 0 1 6.500 6.500" /> : null}
      {drawing === undefined ? null : <path d={drawing} />}
    </svg>
  );
}
