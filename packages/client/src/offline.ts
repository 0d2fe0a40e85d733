/** Of browsers. Other platforms have nothing of it, or not all. */
type Platform = Partial<Pick<EventTarget, 'addEventListener' | 'removeEventListener'>> & {
  readonly navigator?: { readonly onLine?: boolean };
};

/** An edge on this machine is reached without a network. */
const ownMachine = /^wss?:\/\/(localhost|127\.[\d.]+|\[::1\])[:/]/;

/** Whether the platform says that there is no network to this address. */
export function isOffline(address: string): boolean {
  const { navigator, addEventListener } = globalThis as Platform;
  return navigator?.onLine === false && addEventListener !== undefined && !ownMachine.test(address);
}

/** Resolves once there is a network, or when the signal is aborted. */
export function backOnline(address: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted || !isOffline(address)) return resolve();
    const platform = globalThis as Platform;
    const end = (): void => {
      platform.removeEventListener?.('online', end);
      signal.removeEventListener('abort', end);
      resolve();
    };
    platform.addEventListener?.('online', end);
    signal.addEventListener('abort', end);
  });
}
