/** The echo service as a module: what it is told comes with its environment, as for a program. */
export async function initialize(): Promise<void> {
  await import('./echo.ts');
}
