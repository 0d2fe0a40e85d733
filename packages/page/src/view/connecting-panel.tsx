import { useState } from 'preact/hooks';
import { useNow } from './use-now.ts';

/** An edge that is there answers within this time. */
const usualMs = 2_000;

/** No edge has answered yet. The client tries again by itself. */
export function ConnectingPanel() {
  const now = useNow(true);
  const [since] = useState(now);
  return (
    <section class="panel">
      <h2>Connecting</h2>
      <p class="quiet">{now - since < usualMs ? 'One moment.' : 'The server does not answer yet; trying again.'}</p>
    </section>
  );
}
