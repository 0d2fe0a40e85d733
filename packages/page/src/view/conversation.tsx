import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Sent } from '../state/conversation.ts';
import { keyWords } from '../state/amounts.ts';
import type { PageState } from '../state/page-state.ts';
import { isStopping, isUnderWay } from '../state/stops.ts';
import { AnswerView } from './answer.tsx';
import { SentView } from './sent.tsx';
import { StopButton } from './stop-button.tsx';

/** How far from the end somebody may have scrolled and still want to follow, in pixels. */
const following = 120;

/** What was said, by both sides. Follows the end unless the reader has scrolled away from it. */
export function ConversationView(props: {
  state: PageState;
  /** Of services, as people read them. */
  names: ReadonlyMap<string, string>;
  onAgain: (sent: Sent) => void;
  /** Absent where the service ends no answers. */
  onStop: ((id: string) => void) | undefined;
}) {
  const { state, names, onAgain, onStop } = props;
  const place = useRef<HTMLElement>(null);
  const follows = useRef(true);
  const { conversation, link, ready, stops } = state;
  const waitsFor = link.at !== 'open' ? 'connection' : ready ? undefined : 'service';
  const last = conversation.at(-1);
  const isReport = last?.kind === 'answer' && last.final;
  const lastSent = last?.kind === 'sent' ? last.id : undefined;
  const isEmpty = conversation.length === 0;
  // Who sends something wants to see it, wherever the reading was.
  useLayoutEffect(() => {
    if (lastSent !== undefined) follows.current = true;
  }, [lastSent]);
  useLayoutEffect(() => {
    const element = place.current;
    if (element === null || !follows.current) return;
    // A finished answer is read from its beginning.
    if (isReport) element.lastElementChild?.scrollIntoView({ block: 'start' });
    else element.scrollTop = element.scrollHeight;
  }, [conversation]);
  useLayoutEffect(() => {
    const element = place.current;
    if (element === null) return;
    // The panel above takes its room from here.
    const observer = new ResizeObserver(() => {
      if (follows.current) element.scrollTop = element.scrollHeight;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [isEmpty]);
  if (isEmpty) return null;
  const stopOf = (id: string | undefined) =>
    id === undefined || onStop === undefined || !isUnderWay(conversation, id) ? null : (
      <StopButton stopping={isStopping(stops, id)} onStop={() => onStop(id)} />
    );
  const isAnswered = (id: string) => conversation.some((entry) => entry.kind === 'answer' && entry.re === id);
  return (
    <section
      class="conversation"
      aria-label="Conversation"
      tabIndex={0}
      ref={place}
      onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
        follows.current = scrollHeight - scrollTop - clientHeight < following;
      }}
    >
      {conversation.map((entry) => {
        switch (entry.kind) {
          case 'sent':
            return (
              <SentView
                key={entry.id}
                sent={entry}
                waitsFor={waitsFor}
                onAgain={onAgain}
                stop={isAnswered(entry.id) ? null : stopOf(entry.id)}
              />
            );
          case 'answer':
            return (
              <AnswerView
                key={`answer ${entry.key}`}
                answer={entry}
                name={names.get(entry.service) ?? keyWords(entry.service)}
                stop={stopOf(entry.re)}
              />
            );
          case 'note':
            return (
              <p key={entry.key} class="note">
                {entry.text}
              </p>
            );
        }
      })}
    </section>
  );
}
