/** The server gave the page and then nothing else. */
export function Unreachable({ why }: { why: string }) {
  return (
    <main class="alone">
      <h1>The server cannot be reached.</h1>
      <p role="alert">The page could not ask what there is to connect to: {why}.</p>
      <button type="button" class="primary" onClick={() => location.reload()}>
        Try again
      </button>
    </main>
  );
}
