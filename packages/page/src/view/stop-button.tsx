/** Ends the answer to one message; the answer itself then says that it was stopped. */
export function StopButton({ stopping, onStop }: { stopping: boolean; onStop: () => void }) {
  return (
    <button
      type="button"
      class="stop"
      aria-label={stopping ? 'Stopping this answer' : 'Stop this answer'}
      aria-keyshortcuts="Escape"
      title="Escape in the message field does the same"
      disabled={stopping}
      onClick={onStop}
    >
      {stopping ? 'Stopping' : 'Stop'}
    </button>
  );
}
