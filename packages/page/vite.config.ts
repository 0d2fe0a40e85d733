import { defaultClientConditions, defineConfig } from 'vite';

/** A few static files with hashed names, nothing inline: the page's own Content-Security-Policy allows nothing else. */
export default defineConfig({
  // Relative, so that the page also works below a path of somebody else's proxy.
  base: './',
  resolve: { conditions: ['@reveille/source', ...defaultClientConditions] },
  build: {
    outDir: 'dist/app',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2024',
  },
});
