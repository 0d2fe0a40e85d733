/** `npm run test:redis` runs everything on every shape; the normal run takes a part. */
export const isWholeRun = process.env['REVEILLE_TEST_REDIS'] === 'all';
