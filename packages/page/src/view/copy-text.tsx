import { useRef, useState } from 'preact/hooks';

/** A text to hand on, with a button that copies it. */
export function CopyText({ text, what }: { text: string; what: string }) {
  const shown = useRef<HTMLElement>(null);
  const [said, setSaid] = useState('');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid('Copied');
    } catch {
      // Without permission, or on an origin that is not secure: the user can still do it by hand.
      if (shown.current) getSelection()?.selectAllChildren(shown.current);
      setSaid('Selected: press Ctrl+C');
    }
  };
  return (
    <span class="copy">
      <code ref={shown}>{text}</code>
      <button type="button" onClick={copy} aria-label={`Copy the ${what}`}>
        {said === '' ? 'Copy' : said}
      </button>
    </span>
  );
}
