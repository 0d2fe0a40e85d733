import type { ComponentChildren } from 'preact';
import type { Delivery, Sent } from '../state/conversation.ts';
import { fileWords } from '../state/text-file.ts';

/** A message of the user, with what became of it. */
export function SentView(props: {
  sent: Sent;
  waitsFor: 'connection' | 'service' | undefined;
  onAgain: (sent: Sent) => void;
  /** When there is nothing of its answer yet that could hold it. */
  stop: ComponentChildren;
}) {
  const { sent, waitsFor, onAgain, stop } = props;
  const { text, files, delivery } = sent;
  const words = deliveryWords(delivery, waitsFor);
  const wrong = delivery.is === 'rejected' || delivery.is === 'interrupted';
  return (
    <article class={`sent is-${delivery.is}`} aria-label="You">
      {text === '' ? null : <p>{text}</p>}
      {files.length === 0 ? null : (
        <ul class="files">
          {files.map(({ name, ...file }) => (
            <li key={name}>
              {name} <span>{fileWords(file)}</span>
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
      {stop}
    </article>
  );
}

function deliveryWords(delivery: Delivery, waitsFor: 'connection' | 'service' | undefined): string | undefined {
  switch (delivery.is) {
    case 'sending':
      if (waitsFor === 'service') return 'Waits for the service: it is delivered when everything is ready';
      return waitsFor === 'connection' ? 'Waits for the connection' : 'Sending';
    case 'delivered':
      return undefined;
    case 'rejected':
      return `Not delivered. ${delivery.why}`;
    case 'interrupted':
      return `Interrupted: it may not be answered. ${delivery.why}`;
  }
}
