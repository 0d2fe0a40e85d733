import type { PageDescription } from '@reveille/contracts';
import { useEffect, useMemo, useReducer, useRef, useState } from 'preact/hooks';
import { closeCodes } from '@reveille/contracts/close-code';
import { PageSession } from '../session/page-session.ts';
import { searchOf, visitOf, type Visit } from '../session/visit.ts';
import { initialState, stageOf } from '../state/page-state.ts';
import { reduce } from '../state/reduce.ts';
import { newestUnderWay } from '../state/stops.ts';
import { titleOf } from '../state/title.ts';
import { Composer } from './composer.tsx';
import { ConversationView } from './conversation.tsx';
import { Header } from './header.tsx';
import { Invitation } from './invitation.tsx';
import { StartPanel } from './start-panel.tsx';
import { TokenForm } from './token-form.tsx';

/** Everything: connects at once when it may, and shows the state. */
export function Page({ description }: { description: PageDescription }) {
  const { auth, entrypoints } = description;
  const [visit, setVisit] = useState(() => visitOf(location.search, description));
  const [token, setToken] = useState<string>();
  const [state, tell] = useReducer(reduce, initialState);
  const session = useMemo(() => new PageSession(tell), []);
  const [text, setText] = useState('');
  const field = useRef<HTMLTextAreaElement>(null);
  const names = useMemo(() => new Map(entrypoints.map(({ service: { service, name } }) => [service, name])), []);
  const stage = stageOf(state);

  const mayConnect = auth === 'none' || token !== undefined;
  const connect = () => session.connect(visit, auth, token);
  useEffect(() => {
    if (mayConnect) connect();
  }, [visit.entrypoint, visit.user, visit.tenant, token]);
  const entrypoint = entrypoints.find(({ name }) => name === visit.entrypoint);
  useEffect(() => {
    document.title = titleOf(state, entrypoint?.title ?? visit.entrypoint);
  }, [state, visit.entrypoint]);

  const go = (to: Visit) => {
    history.replaceState(null, '', searchOf(to, auth));
    setVisit(to);
  };
  const refusedToken = state.link.at === 'over' && state.link.code === closeCodes.unauthenticated.code;
  const needsToken = auth === 'token' && (token === undefined || refusedToken);

  const onSample = (sample: string) => {
    setText(sample);
    field.current?.focus();
  };
  const onStop = entrypoint?.cancel ? (id: string) => session.stop(id) : undefined;
  const running = newestUnderWay(state.conversation, state.stops);

  return (
    <div class={`page is-${stage}${state.conversation.length > 0 ? ' has-conversation' : ''}`}>
      <Header description={description} visit={visit} state={state} onGo={go} />
      <main>
        {needsToken ? (
          <TokenForm
            refused={refusedToken && state.link.at === 'over' ? state.link.reason : undefined}
            onToken={setToken}
          />
        ) : (
          <StartPanel
            state={state}
            onRetry={() => session.retry()}
            onCancel={() => session.cancel()}
            onConnect={connect}
          />
        )}
        {entrypoint !== undefined && state.conversation.length === 0 && (stage === 'waiting' || stage === 'ready') ? (
          <Invitation entrypoint={entrypoint} ready={stage === 'ready'} onSample={onSample} />
        ) : null}
        <ConversationView
          state={state}
          names={names}
          onAgain={({ text, files, data }) => session.send({ text, files, data })}
          onStop={onStop}
        />
      </main>
      {needsToken ? null : (
        <Composer
          state={state}
          text={text}
          onText={setText}
          samples={state.conversation.length === 0 ? [] : (entrypoint?.samples ?? [])}
          onSample={onSample}
          field={field}
          onSend={(message) => session.send(message)}
          onEscape={running === undefined || onStop === undefined ? undefined : () => onStop(running)}
        />
      )}
      <p class="unseen" role="status" aria-live="polite">
        <span key={state.milestone.n}>{state.milestone.text}</span>
      </p>
    </div>
  );
}
