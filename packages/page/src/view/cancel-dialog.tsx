import { useEffect, useRef } from 'preact/hooks';

/** Asks before an initialization is left: what was held would not be delivered. */
export function CancelDialog({ open, onKeep, onStop }: { open: boolean; onKeep: () => void; onStop: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  return (
    <dialog
      ref={dialog}
      aria-labelledby="cancel-title"
      onClose={onKeep}
      onKeyDown={(event) => event.key === 'Escape' && event.stopPropagation()}
    >
      <h2 id="cancel-title">Stop waiting?</h2>
      <p>Messages that wait for the service are not delivered. What nobody else needs is stopped again.</p>
      <p class="actions">
        <button type="button" class="primary" onClick={onKeep}>
          Keep waiting
        </button>
        <button type="button" onClick={onStop}>
          Stop waiting
        </button>
      </p>
    </dialog>
  );
}
