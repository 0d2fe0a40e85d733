import type { PageDescription } from '@reveille/contracts';
import { useRef } from 'preact/hooks';
import type { Visit } from '../session/visit.ts';
import type { Session } from '../state/page-state.ts';

/** Who the session belongs to; in development anybody can be somebody else. */
export function Identity(props: {
  auth: PageDescription['auth'];
  visit: Visit;
  session: Session | undefined;
  onGo: (to: Visit) => void;
}) {
  const { auth, visit, session, onGo } = props;
  const details = useRef<HTMLDetailsElement>(null);
  const { user, tenant } = session ?? (auth === 'none' ? visit : { user: undefined, tenant: undefined });
  if (auth === 'token') return user === undefined ? null : <span class="who">{whoWords(user, tenant)}</span>;
  const change = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    if (details.current) details.current.open = false;
    onGo({ ...visit, user: String(form.get('user') || 'dev'), tenant: String(form.get('tenant') || 'dev') });
  };
  return (
    <details class="who" ref={details} onKeyDown={(event) => closeOnEscape(event)}>
      <summary aria-label={`You are ${whoWords(user ?? '', tenant)}. Change`}>{whoWords(user ?? '', tenant)}</summary>
      <form onSubmit={change}>
        <p>Development: no sign-in. Be whoever you like.</p>
        <label>
          User <input name="user" defaultValue={visit.user} maxLength={256} autocomplete="off" />
        </label>
        <label>
          Tenant <input name="tenant" defaultValue={visit.tenant} maxLength={256} autocomplete="off" />
        </label>
        <button type="submit">Connect as this user</button>
      </form>
    </details>
  );
}

function whoWords(user: string, tenant: string | undefined): string {
  return tenant === undefined ? user : `${user} at ${tenant}`;
}

function closeOnEscape(event: KeyboardEvent): void {
  if (event.key !== 'Escape') return;
  event.stopPropagation();
  const details = event.currentTarget as HTMLDetailsElement;
  details.open = false;
  details.querySelector('summary')?.focus();
}
