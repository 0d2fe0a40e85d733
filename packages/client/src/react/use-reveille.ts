import { useEffect, useRef, useState } from 'react';
import {
  type ClientState,
  connect,
  type ConnectOptions,
  type FrameOf,
  type ReveilleClient,
  type ReveilleError,
} from '../index.ts';

/** The frames that tell how far an initialization is; each has a `message` to show. */
const progressTypes = [
  'initialization_started',
  'service_initializing',
  'service_completed',
  'service_failed',
  'initialization_slow',
  'initialization_completed',
  'initialization_failed',
] as const;
export type Progress = FrameOf<(typeof progressTypes)[number]>;

export type Reveille = {
  /** Absent until the component is mounted, as on a server. */
  readonly client: ReveilleClient | undefined;
  readonly state: ClientState;
  /** Why it is `failed` or `closed`. */
  readonly error: ReveilleError | undefined;
  /** What was told last of the initialization. */
  readonly progress: Progress | undefined;
};

const unmounted: Reveille = { client: undefined, state: 'connecting', error: undefined, progress: undefined };

/**
 * A client for as long as the component is mounted; another one when address, entrypoint or user change. Other options count when it
 * connects: a `token` provider is asked as the last render gave it.
 */
export function useReveille(options: ConnectOptions): Reveille {
  const [view, setView] = useState(unmounted);
  const newest = useRef(options);
  useEffect(() => {
    newest.current = options;
  });
  const { url, entrypoint, as } = options;
  const { user, tenant } = as ?? {};
  useEffect(() => {
    const client = connect({ ...newest.current, token: () => tokenOf(newest.current) });
    let progress: Progress | undefined;
    const show = (): void => setView({ client, state: client.state, error: client.error, progress });
    const stopState = client.onState(show);
    const stopFrames = client.on('*', (frame) => {
      if (!progressTypes.some((type) => type === frame.type)) return;
      progress = frame as Progress;
      show();
    });
    show();
    return () => {
      stopState();
      stopFrames();
      client.close();
    };
  }, [url, entrypoint, user, tenant]);
  return view;
}

async function tokenOf({ token }: ConnectOptions): Promise<string | undefined> {
  return typeof token === 'function' ? token() : token;
}
