import type { RefObject } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Json } from '@reveille/client';
import { bytesOf, messageOf, sizeRefusal } from '../state/outgoing.ts';
import { fileWords, type SentFile } from '../state/text-file.ts';
import { type PageState, stageOf } from '../state/page-state.ts';
import { composerWords } from '../state/composer-words.ts';
import { type Sample, Samples } from './samples.tsx';
import { useAttachments } from './use-attachments.ts';
import { useFileDrop } from './use-file-drop.ts';

type Message = { text: string; files: SentFile[]; data: Json };

/** Where the user writes: text, files by button or by dropping them, Enter sends. */
export function Composer(props: {
  state: PageState;
  text: string;
  onText: (text: string) => void;
  /** Where they are not offered elsewhere. */
  samples: readonly Sample[];
  onSample: (text: string) => void;
  field: RefObject<HTMLTextAreaElement | null>;
  onSend: (message: Message) => void;
  /** What Escape does in the field; absent when it does nothing. */
  onEscape: (() => void) | undefined;
}) {
  const { state, text, onText, samples, onSample, field, onSend, onEscape } = props;
  const examples = useRef<HTMLDetailsElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const { session, ready } = state;
  const attachments = useAttachments(session?.messageBytes);
  const { files, reading, refused } = attachments;
  /** The user has sent what is written here, and its files are still being read. */
  const [sending, setSending] = useState(false);
  const stage = stageOf(state);
  const maySend = stage !== 'failed' && stage !== 'over';

  const take = async (given: Iterable<File>) => {
    await attachments.add(given);
    field.current?.focus();
  };
  const dropping = useFileDrop((given) => void take(given));

  const isEmpty = text.trim() === '' && files.length + reading.length === 0;
  // Files are large and do not change with each key that is pressed; the braces of both are counted once too often.
  const filesBytes = useMemo(() => (files.length === 0 ? 0 : bytesOf(messageOf('{}', files)) - 1), [files]);
  const bytes = bytesOf(messageOf(text.trim(), [])) + filesBytes;
  const tooLarge = isEmpty ? undefined : sizeRefusal(bytes, session, ready);
  const send = () => {
    if (isEmpty || !maySend || tooLarge !== undefined) return;
    if (reading.length > 0) {
      setSending(true);
      return;
    }
    const data = messageOf(text.trim(), files);
    onSend({
      text: text.trim(),
      files: files.map(({ name, bytes, readAs }) => (readAs === undefined ? { name, bytes } : { name, bytes, readAs })),
      data,
    });
    onText('');
    attachments.clear();
  };
  useEffect(() => {
    if (!sending || reading.length > 0) return;
    setSending(false);
    // Without a file that was meant to go with it the user decides anew.
    if (refused.length === 0) send();
  }, [sending, reading]);
  const problem = tooLarge ?? (refused.length === 0 ? undefined : refused.join(' '));
  return (
    <form
      class="composer"
      aria-label="Write a message"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {dropping ? (
        <p class="drop" aria-hidden="true">
          Drop text files here
        </p>
      ) : null}
      {files.length + reading.length === 0 ? null : (
        <ul class="files">
          {files.map(({ name, ...file }) => (
            <li key={name}>
              {name} <span>{fileWords(file)}</span>
              <button type="button" aria-label={`Remove ${name}`} onClick={() => attachments.remove(name)}>
                ×
              </button>
            </li>
          ))}
          {reading.map((name) => (
            <li key={name}>
              {name} <span>{sending ? 'is being read, then it goes with your message' : 'is being read'}</span>
            </li>
          ))}
        </ul>
      )}
      <div class="row">
        <textarea
          ref={field}
          rows={1}
          value={text}
          aria-label="Message"
          aria-describedby="composer-hint"
          placeholder={maySend ? 'Write a message' : ''}
          onInput={(event) => {
            // Who writes on has not finished yet.
            setSending(false);
            onText(event.currentTarget.value);
          }}
          onKeyDown={(event) => {
            // While an input method composes, the keys belong to it.
            if (event.isComposing) return;
            if (event.key === 'Escape' && onEscape !== undefined) {
              event.preventDefault();
              onEscape();
            }
            if (event.key !== 'Enter' || event.shiftKey) return;
            event.preventDefault();
            send();
          }}
        />
        <button type="button" onClick={() => picker.current?.click()}>
          Add file
        </button>
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          aria-label="Files"
          onChange={(event) => {
            void take([...(event.currentTarget.files ?? [])]);
            event.currentTarget.value = '';
          }}
        />
        <button type="submit" class="primary" disabled={isEmpty || !maySend || tooLarge !== undefined}>
          Send
        </button>
      </div>
      {problem === undefined ? null : (
        <p class="complaint" role="alert">
          {problem}
        </p>
      )}
      <p id="composer-hint" class="quiet">
        {composerWords(stage)}
      </p>
      {samples.length === 0 ? null : (
        <details class="quiet" ref={examples}>
          <summary>Examples</summary>
          <Samples
            samples={samples}
            onSample={(sample) => {
              if (examples.current) examples.current.open = false;
              onSample(sample);
            }}
          />
        </details>
      )}
    </form>
  );
}
