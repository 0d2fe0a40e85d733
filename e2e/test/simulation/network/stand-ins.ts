import { registerHooks } from 'node:module';

/**
 * Preloaded into a process that simulates: the packages of this workspace get no network, and nothing random that does not come from the
 * seed. What they depend on keeps the real modules, and so do the stand-ins.
 */
const standIns = new Map([
  ['ws', new URL('./fake-ws.ts', import.meta.url).href],
  ['node:net', new URL('./fake-net.ts', import.meta.url).href],
  ['node:crypto', new URL('./seeded-crypto.ts', import.meta.url).href],
]);
const urls = new Set(standIns.values());

registerHooks({
  resolve(specifier, context, nextResolve) {
    const url = standIns.get(specifier);
    const by = context.parentURL ?? '';
    if (url === undefined || urls.has(by) || by.includes('/node_modules/')) return nextResolve(specifier, context);
    return { url, shortCircuit: true };
  },
});
