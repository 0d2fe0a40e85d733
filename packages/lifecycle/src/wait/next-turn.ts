let next: Promise<void> | undefined;

/**
 * Resolves when what this turn of the event loop has to deliver was delivered. Whoever waits in one turn goes on together, so that what they
 * write then leaves together too.
 */
export function nextTurn(): Promise<void> {
  next ??= new Promise((resolve) =>
    setImmediate(() => {
      next = undefined;
      resolve();
    }),
  );
  return next;
}
