import type { PageDescription } from '@reveille/contracts';
import type { Visit } from '../session/visit.ts';
import { type PageState, stageOf } from '../state/page-state.ts';
import { Identity } from './identity.tsx';

/** Where one is, who one is, and whether the line stands. */
export function Header(props: {
  description: PageDescription;
  visit: Visit;
  state: PageState;
  onGo: (to: Visit) => void;
}) {
  const { description, visit, state, onGo } = props;
  const { entrypoints, auth } = description;
  const known = entrypoints.some(({ name }) => name === visit.entrypoint);
  return (
    <header class="head">
      <h1>
        <img src={icon} alt="" width="24" height="24" /> Reveille
      </h1>
      {entrypoints.length > 1 || !known ? (
        <label class="entrypoint">
          <span class="unseen">Entrypoint</span>
          <select
            value={visit.entrypoint}
            onChange={(event) => onGo({ ...visit, entrypoint: event.currentTarget.value })}
          >
            {known ? null : <option value={visit.entrypoint}>{visit.entrypoint} (unknown)</option>}
            {entrypoints.map(({ name, title }) => (
              <option key={name} value={name}>
                {title}
              </option>
            ))}
          </select>
        </label>
      ) : (
        <span class="entrypoint">{entrypoints[0]?.title}</span>
      )}
      <span class="spring" />
      <Line state={state} />
      <Identity auth={auth} visit={visit} session={state.session} onGo={onGo} />
    </header>
  );
}

const icon = new URL('../style/icon.svg', import.meta.url).href;

function Line({ state }: { state: PageState }) {
  const [look, words] = lineWords(state);
  return (
    <span class={`line is-${look}`}>
      <i aria-hidden="true" /> {words}
    </span>
  );
}

function lineWords(state: PageState): [look: string, words: string] {
  const { link } = state;
  switch (link.at) {
    case 'connecting':
      return ['busy', 'Connecting'];
    case 'lost':
      return ['busy', 'Connection lost, connecting again'];
    case 'over':
      return ['off', 'Disconnected'];
    case 'open':
      return stageOf(state) === 'ready' ? ['on', 'Ready'] : ['idle', 'Connected'];
  }
}
