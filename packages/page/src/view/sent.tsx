import { bytesWords } from '../state/amounts.ts';
import type { Delivery, Sent } from '../state/conversation.ts';

/** A message of the user, with what became of it. */
export function SentView(props: { sent: Sent; isOffline: boolean; onAgain: (sent: Sent) => void }) {
  const { sent, isOffline, onAgain } = props;
  const { text, files, delivery } = sent;
  const words = deliveryWords(delivery, isOffline);
  const wrong = delivery.is === 'rejected' || delivery.is === 'interrupted';
  return (
    <article class={`sent is-${delivery.is}`} aria-label="You">
      {text === '' ? null : <p>{text}</p>}
      {files.length === 0 ? null : (
        <ul class="files">
          {files.map(({ name, bytes }) => (
            <li key={name}>
              {name} <span>{bytesWords(bytes)}</span>
            </li>
          ))}
        </ul>
      )}
      {words === undefined ? null : (
        <footer class={wrong ? 'wrong' : ''}>
          {words}
          {wrong ? (
            <button type="button" onClick={() => onAgain(sent)}>
              Send again
            </button>
          ) : null}
        </footer>
      )}
    </article>
  );
}

function deliveryWords(delivery: Delivery, isOffline: boolean): string | undefined {
  switch (delivery.is) {
    case 'sending':
      return isOffline ? 'Waits for the connection' : 'Sending';
    case 'held':
      return 'Waits for the service: it is delivered when everything is ready';
    case 'delivered':
      return undefined;
    case 'rejected':
      return `Not delivered. ${delivery.why}`;
    case 'interrupted':
      return `Interrupted: it may not be answered. ${delivery.why}`;
  }
}
