import { useEffect, useRef } from 'preact/hooks';

/** Asks for a token. It is kept in the memory of the page and nowhere else. */
export function TokenForm({ refused, onToken }: { refused: string | undefined; onToken: (token: string) => void }) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const token = field.current?.value.trim() ?? '';
    if (token !== '') onToken(token);
  };
  return (
    <section class="panel token" aria-labelledby="token-title">
      <h2 id="token-title">Sign in</h2>
      <p>
        This server wants to know who you are. Paste the token (JWT) that your administrator or your application gave
        you.
      </p>
      {refused === undefined ? null : (
        <p class="complaint" role="alert">
          The token was refused: {refused}.
        </p>
      )}
      <form onSubmit={submit}>
        <label>
          Token <input ref={field} type="password" autocomplete="off" required maxLength={16_384} />
        </label>
        <button type="submit" class="primary">
          Connect
        </button>
      </form>
    </section>
  );
}
