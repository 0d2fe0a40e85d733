import { useEffect, useState } from 'preact/hooks';
import { now } from '../session/page-session.ts';

const tickMs = 100;

/** The local time, moving while `ticking`. */
export function useNow(ticking: boolean): number {
  const [time, setTime] = useState(now);
  useEffect(() => {
    setTime(now());
    if (!ticking) return;
    const ticks = setInterval(() => setTime(now()), tickMs);
    return () => clearInterval(ticks);
  }, [ticking]);
  return time;
}
